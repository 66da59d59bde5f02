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

/* wg-backend: reads and changes a WireGuard device, in the kernel (wg-genl.c)
 * or in a program (wg-uapi.c).
 *
 * All calls return at once or after at most two seconds.  Errors are positive
 * errno values; where there is a 'char **error', it receives a malloc'd
 * sentence on failure and is untouched on success. */

#ifndef MOBULA_WG_BACKEND_H
#define MOBULA_WG_BACKEND_H 1

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct wg_backend;
struct wg_delta;
struct wg_device;

/* How long a call may take, in ms. */
#define WG_BACKEND_TIMEOUT_MS 2000

/* What a kind of backend does.  The functions take the same arguments as
 * those of the same name below. */
struct wg_backend_ops {
    const char *name;           /* "kernel" or "userspace". */
    int (*read)(struct wg_backend *, const char *ifname,
                struct wg_device *, char **error);
    int (*apply)(struct wg_backend *, const struct wg_device *desired,
                 const struct wg_delta *, char **error);
    void (*close)(struct wg_backend *);
};

/* The beginning of the struct of every kind of backend. */
struct wg_backend {
    const struct wg_backend_ops *ops;
};

/* Returns true if the kernel has WireGuard.  Asking makes it load the
 * module. */
bool wg_kernel_supported(void);

/* Opens the kernel's WireGuard in the network namespace 'netns_fd' (borrowed),
 * or in the current one if 'netns_fd' is -1.  The calling thread visits that
 * namespace for a moment; if it cannot come back, the process ends.
 *
 * Returns 0 with the backend in '*backend', which the caller must close with
 * wg_backend_close(); EOPNOTSUPP if the kernel has no WireGuard; or another
 * error of netlink or setns(). */
int wg_backend_open_kernel(int netns_fd, struct wg_backend **backend)
    OVS_WARN_UNUSED_RESULT;

/* Opens the program that runs the device 'ifname'.  It does not matter in
 * which network namespaces the program, its device and the caller are, but
 * they must share the mount namespace.
 *
 * Returns 0 with the backend in '*backend', which the caller must close with
 * wg_backend_close(); ENOENT or ECONNREFUSED if there is no such program;
 * EINVAL if 'ifname' is not the name of an interface. */
int wg_backend_open_userspace(const char *ifname, struct wg_backend **backend)
    OVS_WARN_UNUSED_RESULT;

/* Returns "kernel" or "userspace". */
const char *wg_backend_name(const struct wg_backend *);

/* Reads all settings of the device 'ifname' into 'dev', which the caller must
 * free with wg_device_uninit().  On failure, 'dev' is untouched; ENODEV or
 * ENOENT says that the device does not exist. */
int wg_backend_read(struct wg_backend *, const char *ifname,
                    struct wg_device *dev, char **error)
    OVS_WARN_UNUSED_RESULT;

/* Applies 'delta', which wg_diff() made from 'desired', to the device
 * desired->name.  After a failure a part of it may be in force: read, compare
 * and apply again. */
int wg_backend_apply(struct wg_backend *, const struct wg_device *desired,
                     const struct wg_delta *delta, char **error)
    OVS_WARN_UNUSED_RESULT;

/* Closes 'backend'; NULL is fine.  The device goes on as it is. */
void wg_backend_close(struct wg_backend *backend);

#endif /* wg/wg-backend.h */
