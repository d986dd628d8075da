"""Who is trusted to vouch for a server's name."""

import ssl


def build_tls_context() -> ssl.SSLContext:
    """Verify names and chains against the system's store, TLS 1.2 and later.

    The store can be chosen by OpenSSL's own SSL_CERT_FILE and SSL_CERT_DIR. Where
    the system has none, as in bare containers, the list of certifi is used.
    """
    context = ssl.create_default_context()
    places = ssl.get_default_verify_paths()
    if not (places.cafile or places.capath):
        import certifi  # noqa: PLC0415  most machines never need it

        context.load_verify_locations(certifi.where())
    return context
