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

/* wg-backend: reads and changes a WireGuard device.  See wg-backend.h; this
 * is what both kinds of backends share. */

#include <config.h>
#include "wg/wg-backend.h"

#include <stddef.h>

#include "wg/wg-device.h"
#include "wg/wg-diff.h"

bool
wg_kernel_supported(void)
{
    struct wg_backend *backend;

    if (wg_backend_open_kernel(-1, &backend)) {
        return false;
    }
    wg_backend_close(backend);
    return true;
}

const char *
wg_backend_name(const struct wg_backend *backend)
{
    return backend->ops->name;
}

int
wg_backend_read(struct wg_backend *backend, const char *ifname,
                struct wg_device *dev, char **error)
{
    struct wg_device new;
    int retval;

    wg_device_init(&new, ifname);
    retval = backend->ops->read(backend, ifname, &new, error);
    if (retval) {
        wg_device_uninit(&new);
        return retval;
    }
    wg_device_sort(&new);
    wg_device_init(dev, "");
    wg_device_move(dev, &new);
    return 0;
}

int
wg_backend_apply(struct wg_backend *backend, const struct wg_device *desired,
                 const struct wg_delta *delta, char **error)
{
    if (wg_delta_is_empty(delta)) {
        return 0;
    }
    return backend->ops->apply(backend, desired, delta, error);
}

void
wg_backend_close(struct wg_backend *backend)
{
    if (backend) {
        backend->ops->close(backend);
    }
}
