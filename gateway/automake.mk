# gateway/: the guard; the gateway namespace.
noinst_LIBRARIES += gateway/libgateway.a
gateway_libgateway_a_SOURCES = \
	gateway/child.c \
	gateway/child.h \
	gateway/dnsmasq-want.c \
	gateway/dnsmasq.h \
	gateway/filter-render.c \
	gateway/filter-want.c \
	gateway/filter.h \
	gateway/guard-read.c \
	gateway/guard-render.c \
	gateway/guard-want.c \
	gateway/guard.h \
	gateway/gw-apply.c \
	gateway/gw-read.c \
	gateway/gw.h \
	gateway/nft-diff.c \
	gateway/nft-state.c \
	gateway/nft-watch.c \
	gateway/nft-watch.h \
	gateway/nft.h \
	gateway/share-render.c \
	gateway/share.h \
	gateway/spawn.c \
	gateway/spawn.h \
	gateway/supervise.c \
	gateway/supervise.h
