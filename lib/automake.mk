# lib/: plain data of a Mobula network.  Pure (see utilities/check-purity.sh)
# except fabric-load.c and file-read.c.
noinst_LIBRARIES += lib/libmobula.a
lib_libmobula_a_SOURCES = \
	lib/addr.c \
	lib/addr.h \
	lib/bfd-timers.c \
	lib/bfd-timers.h \
	lib/closest.c \
	lib/closest.h \
	lib/config-messages.c \
	lib/config-messages.h \
	lib/fabric.c \
	lib/fabric.h \
	lib/fabric-check.c \
	lib/fabric-check.h \
	lib/fabric-load.c \
	lib/fabric-load.h \
	lib/fabric-yaml.c \
	lib/fabric-yaml.h \
	lib/facts.c \
	lib/facts.h \
	lib/file-read.c \
	lib/file-read.h \
	lib/graph.c \
	lib/graph.h \
	lib/inventory.c \
	lib/inventory.h \
	lib/mac-table.c \
	lib/mac-table.h \
	lib/mac-table-out.c \
	lib/mac-table-private.h \
	lib/mac-table-store.c \
	lib/liveness.c \
	lib/liveness.h \
	lib/loop-guard.c \
	lib/loop-guard.h \
	lib/mtu.c \
	lib/mtu.h \
	lib/mtu-probe.c \
	lib/mtu-probe.h \
	lib/paths.c \
	lib/paths.h \
	lib/paths-tree.c \
	lib/paths-tree.h \
	lib/plan.c \
	lib/plan.h \
	lib/quality.h \
	lib/settings-list.c \
	lib/settings-list.h \
	lib/settings-yaml.c \
	lib/settings-yaml.h \
	lib/storm-guard.c \
	lib/storm-guard.h \
	lib/wgkey.c \
	lib/wgkey.h \
	lib/ytree.c \
	lib/ytree.h
