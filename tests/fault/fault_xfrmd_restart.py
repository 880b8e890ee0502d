"""The n-th system call of xfrmd fails, where an earlier xfrmd closed the prefixes; see fault_xfrmd.py.

SPDX-License-Identifier: GPL-2.0-or-later
"""
from tests.fault import fault_xfrmd

CASE = {**fault_xfrmd.CASE, "title": "the n-th system call of a restarted xfrmd fails"}


def run(rig):
    fault_xfrmd.run(rig, is_fresh=False)
