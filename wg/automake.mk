# wg/: the WireGuard device.
noinst_LIBRARIES += wg/libwg.a
wg_libwg_a_SOURCES =
