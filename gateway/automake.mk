# gateway/: the guard; the gateway namespace.
noinst_LIBRARIES += gateway/libgateway.a
gateway_libgateway_a_SOURCES = \
	gateway/child.c \
	gateway/child.h \
	gateway/guard-diff.c \
	gateway/guard-read.c \
	gateway/guard-want.c \
	gateway/guard.h \
	gateway/gw-apply.c \
	gateway/gw-read.c \
	gateway/gw.h \
	gateway/nft-render.c \
	gateway/nft-watch.c \
	gateway/nft-watch.h \
	gateway/spawn.c \
	gateway/spawn.h \
	gateway/supervise.c \
	gateway/supervise.h
