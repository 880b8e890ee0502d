"""Checks that JSON data has the shape its reader expects, and says where and how it has not.

A shape is written as the data looks: a type of JSON, a list with one shape, a dict with a shape for
each key ("key?" may be absent), a set of the words allowed, an Each for a dict with free keys, or a
function that takes a text and raises ValueError. Unknown and repeated keys are errors.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json

JSON_TYPES = (str, int, float, bool)


class ShapeError(Exception):
    """Data that is not what its reader needs; the text says where and what would be right."""


class Each:
    """A dict whose keys are names and whose values all have one shape."""

    def __init__(self, shape):
        self.shape = shape


def load(path, shape):
    """Reads a JSON file and checks it; returns the value."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        value = json.loads(text, object_pairs_hook=_object)
    except ValueError as error:
        raise ShapeError(f"{path}: {error}") from None
    check(value, shape, str(path))
    return value


def check(value, shape, place):
    """Raises ShapeError unless `value` has `shape`; `place` names the value in the message."""
    if isinstance(shape, Each):
        _want(isinstance(value, dict), place, "an object", value)
        for key in value:
            check(value[key], shape.shape, f"{place}: {key}")
    elif isinstance(shape, dict):
        _check_object(value, shape, place)
    elif isinstance(shape, list):
        _want(isinstance(value, list), place, "a list", value)
        for number, item in enumerate(value):
            check(item, shape[0], f"{place}[{number}]")
    elif isinstance(shape, set):
        words = ", ".join(sorted(shape))
        _want(isinstance(value, str) and value in shape, place, f"one of {words}", value)
    elif shape in JSON_TYPES:
        # a bool is an int to Python, not to us
        is_right = isinstance(value, shape) and isinstance(value, bool) == (shape is bool)
        _want(is_right, place, shape.__name__, value)
    else:
        _check_text(value, shape, place)


def _check_object(value, shape, place):
    _want(isinstance(value, dict), place, "an object", value)
    keys = {key.rstrip("?"): key for key in shape}
    for key in value:
        if key not in keys:
            raise ShapeError(f"{place}: unknown key '{key}'; known are {', '.join(sorted(keys))}")
        check(value[key], shape[keys[key]], f"{place}: {key}")
    for key, written in keys.items():
        if key not in value and not written.endswith("?"):
            raise ShapeError(f"{place}: key '{key}' is missing")


def _check_text(value, parse, place):
    _want(isinstance(value, str), place, "a text", value)
    try:
        parse(value)
    except ValueError as error:
        raise ShapeError(f"{place}: {error}") from None


def _object(pairs):
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key '{repeated}' is repeated")
    return value


def _want(is_right, place, wanted, value):
    if not is_right:
        raise ShapeError(f"{place}: met {json.dumps(value)[:60]}, wanted {wanted}")
