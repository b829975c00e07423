# SPDX-License-Identifier: BSD-2-Clause
# To come with the SDK.
