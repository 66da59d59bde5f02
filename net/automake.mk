# net/: links, addresses, routes, sysctls.
noinst_LIBRARIES += net/libnet.a
net_libnet_a_SOURCES = \
	net/external-apply.c \
	net/external-choose.c \
	net/external-codec.c \
	net/external-diff.c \
	net/external-files.c \
	net/external-read.c \
	net/external-state.c \
	net/external-sysctl.c \
	net/external-want.c \
	net/external.h \
	net/net-apply.c \
	net/net-codec.c \
	net/net-codec.h \
	net/net-ctx.c \
	net/net-ctx.h \
	net/net-diff.c \
	net/net-diff.h \
	net/net-fate.c \
	net/net-fate.h \
	net/net-offload.c \
	net/net-offload.h \
	net/net-op.c \
	net/net-out-codec.c \
	net/net-out-read.c \
	net/net-out-state.c \
	net/net-out-want.c \
	net/net-out.h \
	net/net-path.c \
	net/net-path.h \
	net/net-read.c \
	net/net-rule-codec.c \
	net/net-rule-diff.c \
	net/net-state.c \
	net/net-state.h \
	net/net-sysctl.c \
	net/net-sysctl.h \
	net/net-want.c \
	net/net-watch.c \
	net/net-watch.h \
	net/nl.c \
	net/nl.h \
	net/nlattr.c \
	net/nlattr.h \
	net/nlns.c \
	net/nlns.h
