/*
 * Copyright (c) 2026 The Mobula Authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at:
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

/* wg-device: a WireGuard device and its peers as plain data.
 *
 * One struct for what is desired (wg-want.c makes it from the configuration)
 * and for what is there (a backend reads it, wg-backend.h); wg-diff.c compares
 * the two.  Pure: no I/O, no clock.  Private and preshared keys are wiped when
 * the memory that held them is given back, and are never formatted. */

#ifndef MOBULA_WG_DEVICE_H
#define MOBULA_WG_DEVICE_H 1

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/wgkey.h"

struct ds;

/* Characters of a public key that identify it in logs and plans. */
#define WG_SHORT_KEY_LEN 8

/* A prefix that a peer may send from and is sent to. */
struct wg_allowed_ip {
    int family;                 /* AF_INET or AF_INET6. */
    struct in6_addr address;    /* IPv4 as v4-mapped; host bits are zero. */
    uint8_t cidr;               /* 0..32 or 0..128, by 'family'. */
};

struct wg_peer {
    uint8_t public_key[WGKEY_SIZE];
    bool has_preshared_key;
    uint8_t preshared_key[WGKEY_SIZE];  /* Zero without one. */
    bool has_endpoint;
    struct in6_addr endpoint;   /* Underlay address, IPv4 as v4-mapped. */
    uint16_t endpoint_port;     /* UDP, host byte order. */
    uint16_t keepalive_s;       /* Persistent keepalive, 0 = off. */
    struct wg_allowed_ip *allowed_ips;
    size_t n_allowed_ips;
    size_t allocated_allowed_ips;

    /* Display only: not compared, empty in what a backend reads. */
    uint16_t host_id;           /* 0 if the peer is not one of the hosts. */
    char *hostname;             /* Owned, or NULL; of a client (no host) its
                                 * name or address. */

    /* Read only: zero in what is desired. */
    int64_t last_handshake;     /* Seconds since the epoch, 0 = never. */
    uint64_t rx_bytes;          /* Encrypted bytes received... */
    uint64_t tx_bytes;          /* ...and sent since the peer was added. */
};

struct wg_device {
    char name[IFNAMSIZ];
    bool has_private_key;
    uint8_t private_key[WGKEY_SIZE];    /* Clamped; zero without one. */
    uint8_t public_key[WGKEY_SIZE];     /* Of 'private_key'. */
    uint16_t listen_port;       /* UDP, host byte order; 0 = any. */
    uint32_t fwmark;            /* 0 = off. */
    struct wg_peer *peers;
    size_t n_peers;
    size_t allocated_peers;
};

/* Makes 'dev' an empty device called 'name', which is cut off after
 * IFNAMSIZ - 1 characters. */
void wg_device_init(struct wg_device *dev, const char *name);

/* Frees what 'dev' owns and wipes its keys; not 'dev' itself.  'dev' is an
 * empty device without a name afterwards. */
void wg_device_uninit(struct wg_device *dev);

/* Moves the contents of 'src' to 'dst', whose own are freed; 'src' is empty
 * afterwards. */
void wg_device_move(struct wg_device *dst, struct wg_device *src);

/* Sets the private key and with it the public key.  An all-zero 'key' means
 * none.  The key is clamped as WireGuard clamps it, so that what is read back
 * compares equal to what was configured. */
void wg_device_set_private_key(struct wg_device *dev,
                               const uint8_t key[WGKEY_SIZE]);

/* Appends a peer without any settings and returns it: borrowed, valid until
 * the next peer is added or the device is sorted. */
struct wg_peer *wg_device_add_peer(struct wg_device *dev,
                                   const uint8_t public_key[WGKEY_SIZE]);

/* Sets the preshared key; an all-zero 'key' means none. */
void wg_peer_set_preshared_key(struct wg_peer *peer,
                               const uint8_t key[WGKEY_SIZE]);

/* Appends a prefix; host bits of 'address' (IPv4 as v4-mapped) are cleared.
 * Returns false, and does nothing, if 'family' or 'cidr' is out of range. */
bool wg_peer_add_allowed_ip(struct wg_peer *peer, int family,
                            const struct in6_addr *address, uint8_t cidr);

/* Brings peers into the order of their public keys and allowed IPs into the
 * order of their addresses, without repetitions.  Everything that takes a
 * 'const struct wg_device *' expects a sorted one. */
void wg_device_sort(struct wg_device *dev);

/* Returns the peer with 'public_key', or NULL.  Borrowed from 'dev'. */
const struct wg_peer *wg_device_find_peer(const struct wg_device *dev,
                                          const uint8_t *public_key);

/* Compare single settings of two (sorted) peers. */
bool wg_peer_equal_endpoint(const struct wg_peer *, const struct wg_peer *);
bool wg_peer_equal_preshared_key(const struct wg_peer *,
                                 const struct wg_peer *);
bool wg_peer_equal_allowed_ips(const struct wg_peer *,
                               const struct wg_peer *);

/* Appends "peer 2 (bob.example.com, AbCdEfGh)" or "client laptop (AbCdEfGh)"
 * to 's', or as much of it as is known. */
void wg_peer_format_name(const struct wg_peer *peer, struct ds *s);

/* Appends "192.0.2.2:51820", "[2001:db8::2]:51820" or "none" to 's'. */
void wg_peer_format_endpoint(const struct wg_peer *peer, struct ds *s);

/* Appends "10.30.0.2/32 169.254.0.2/32" or "none" to 's'. */
void wg_peer_format_allowed_ips(const struct wg_peer *peer, struct ds *s);

/* Appends "10.30.0.2/32" to 's'. */
void wg_allowed_ip_format(const struct wg_allowed_ip *ip, struct ds *s);

/* Appends the first WG_SHORT_KEY_LEN characters of the base64 of a public
 * key to 's'. */
void wg_key_format_short(const uint8_t public_key[WGKEY_SIZE], struct ds *s);

/* Appends the device, several lines, to 's'.  Of keys only the beginning of
 * public ones is shown. */
void wg_device_format(const struct wg_device *dev, struct ds *s);

#endif /* wg/wg-device.h */
