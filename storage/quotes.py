"""What a venue said beside the price, packed into a few bytes and back, bit-exact.

A bid, an ask and a last price as three doubles would double the disk of a tick. They
are short decimals close to the price, so they are kept as small differences in units
of the last decimal; what is not (more than 14 decimals, one side only) is kept raw.

Two bytes are the ordinary quote: `last` is the price, bid and ask are a byte each, 128
more than their distance from the price in units of its last decimal (at least cents).
Otherwise the first byte says: bits 0-3 the decimals (15: raw), bits 4-5 `last` (0
none, 1 equal to the price, 2 follows), bit 6 bid and ask follow, bit 7 the lag
follows; zigzag varints come after it. This format is stored: a change needs a new
first byte, never a new reading.
"""

import math
import struct

Packed = tuple[float | None, float | None, float | None, int]
"""last, bid, ask, and the lag: receipt minus event time in ms."""

_RAW = 15
_ORDINARY, _MIDDLE = 2, 128
_LAST_EQUAL, _LAST_FOLLOWS, _QUOTE, _LAG = 0x10, 0x20, 0x40, 0x80
_RAW_FORM = struct.Struct("<B3dq")
_SCALES = tuple(10**places for places in range(_RAW + 1))
_CONTINUES = 0x80
_EXACT = 2**53
"""Below it every whole number is a double of its own."""


def pack_quote(
    price: float, last: float | None, bid: float | None, ask: float | None, lag: int
) -> bytes | None:
    """The bytes beside a price; None where there is nothing to keep.

    Args:
        price: the tick's own price, stored elsewhere and needed to unpack.
        lag: receipt minus event time in ms; may be negative (clocks differ).
    """
    if bid is None and ask is None:
        packed = _pack_bare(price, last, lag)
    elif bid is None or ask is None:
        packed = _pack_raw(last, bid, ask, lag)
    elif last == price and not lag:
        packed = _pack_plain(price, bid, ask) or _pack_near(price, last, bid, ask, lag)
    else:
        packed = _pack_near(price, last, bid, ask, lag)
    return packed


def unpack_quote(price: float, packed: bytes | None) -> Packed:
    """What `pack_quote` was given, to the last bit."""
    if packed is None:
        return None, None, None, 0
    if len(packed) == _ORDINARY:
        return _unpack_plain(price, packed)
    head = packed[0]
    if head & _RAW == _RAW:
        return _unpack_raw(packed)
    scale = _SCALES[head & _RAW]
    values = iter(_read_varints(packed))
    base = round(price * scale)
    last: float | None = price if head & _LAST_EQUAL else None
    if head & _LAST_FOLLOWS:
        last = (base + next(values)) / scale
    bid = ask = None
    if head & _QUOTE:
        bid, ask = (base + next(values)) / scale, (base + next(values)) / scale
    return last, bid, ask, next(values) if head & _LAG else 0


def _pack_plain(price: float, bid: float, ask: float) -> bytes | None:
    """Nearly every tick of Kraken, in two bytes; None where it is not like that."""
    scale = _SCALES[_places(price)]
    try:
        base, low, high = round(price * scale), round(bid * scale), round(ask * scale)
        if low / scale == bid and high / scale == ask:
            return bytes((low - base + _MIDDLE, high - base + _MIDDLE))
    except (OverflowError, ValueError):
        pass  # too big to count, or too far away for a byte
    return None


def _pack_near(
    price: float, last: float | None, bid: float, ask: float, lag: int
) -> bytes:
    """Any quote with both sides; raw where one has too many decimals."""
    follows = last is not None and last != price
    sides = (last, bid, ask) if last is not None and follows else (bid, ask)
    places = max(map(_places, sides))
    if places == _RAW or price >= _EXACT:
        return _pack_raw(last, bid, ask, lag)
    scale = _SCALES[places]
    units = [round(side * scale) for side in sides]
    if any(unit / scale != side for unit, side in zip(units, sides, strict=True)):
        return _pack_raw(last, bid, ask, lag)
    base = round(price * scale)
    head = _QUOTE | places | (_LAST_FOLLOWS if follows else 0)
    head |= _LAST_EQUAL if last == price else 0
    body = b"".join(_varint(_zigzag(unit - base)) for unit in units)
    if lag:
        head |= _LAG
        body += _varint(_zigzag(lag))
    return bytes((head,)) + body


def _pack_bare(price: float, last: float | None, lag: int) -> bytes | None:
    """No bid and no ask: recorded prices, venues with trades only."""
    if last is not None and last != price:
        return _pack_raw(last, None, None, lag)
    head = 0 if last is None else _LAST_EQUAL
    if not lag:
        return bytes((head,)) if head else None
    packed = bytes((head | _LAG,)) + _varint(_zigzag(lag))
    # Two bytes mean an ordinary quote: one more that nobody reads tells them apart.
    return packed + b"\0" if len(packed) == _ORDINARY else packed


def _unpack_plain(price: float, packed: bytes) -> Packed:
    scale = _SCALES[_places(price)]
    base = round(price * scale) - _MIDDLE
    low, high = packed
    return price, (base + low) / scale, (base + high) / scale, 0


def _pack_raw(
    last: float | None, bid: float | None, ask: float | None, lag: int
) -> bytes:
    sides = (math.nan if side is None else side for side in (last, bid, ask))
    return _RAW_FORM.pack(_RAW, *sides, lag)


def _unpack_raw(packed: bytes) -> Packed:
    _, *sides, lag = _RAW_FORM.unpack(packed)
    last, bid, ask = (None if math.isnan(side) else side for side in sides)
    return last, bid, ask, lag


def _places(value: float) -> int:
    """The fewest decimals, two at least, that write this double; _RAW above 14."""
    if value < _EXACT:
        for places in range(2, _RAW):
            scale = _SCALES[places]
            if round(value * scale) / scale == value:
                return places
    return _RAW


def _zigzag(value: int) -> int:
    """0, -1, 1, -2 … as 0, 1, 2, 3 …, so that small stays small."""
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    """Seven bits a byte, lowest first, the top bit set where more follow."""
    out = bytearray()
    while value >= _CONTINUES:
        out.append(value & 0x7F | _CONTINUES)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varints(packed: bytes) -> list[int]:
    values, value, shift = [], 0, 0
    for byte in packed[1:]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < _CONTINUES:
            values.append(-((value + 1) >> 1) if value & 1 else value >> 1)
            value = shift = 0
    return values
