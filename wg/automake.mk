# wg/: the WireGuard device.  *-want, *-diff, *-codec and wg-device are pure.
noinst_LIBRARIES += wg/libwg.a
wg_libwg_a_SOURCES = \
	wg/wg-backend.c \
	wg/wg-backend.h \
	wg/wg-device.c \
	wg/wg-device.h \
	wg/wg-diff.c \
	wg/wg-diff.h \
	wg/wg-genl-codec.c \
	wg/wg-genl-codec.h \
	wg/wg-genl.c \
	wg/wg-spawn.c \
	wg/wg-spawn.h \
	wg/wg-uapi-codec.c \
	wg/wg-uapi-codec.h \
	wg/wg-uapi-socket.c \
	wg/wg-uapi-socket.h \
	wg/wg-uapi.c \
	wg/wg-want.c \
	wg/wg-want.h
