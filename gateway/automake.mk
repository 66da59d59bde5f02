# gateway/: the gateway namespace.
noinst_LIBRARIES += gateway/libgateway.a
gateway_libgateway_a_SOURCES =
