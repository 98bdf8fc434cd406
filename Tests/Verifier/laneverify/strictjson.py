"""Strict JSON (RFC 8259) and its canonical form (RFC 8785), section 1 of the record format."""

import json
import math

LARGEST_INTEGER = 2**53
MAXIMUM_DEPTH = 64


class NotJSON(ValueError):
    """The bytes are not JSON as the record format wants it."""


def _members(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise NotJSON("a name stands twice")
    return dict(pairs)


def _integer(digits):
    if digits == "-0":
        return -0.0
    value = int(digits)
    if abs(value) > LARGEST_INTEGER:
        raise NotJSON("a whole number beyond 2^53")
    return value


def _number(digits):
    value = float(digits)
    if not math.isfinite(value):
        raise NotJSON("a number that no double holds")
    return value


def _constant(word):
    raise NotJSON(word)


def _check(value, depth=0):
    """Refuses what Python reads and the format does not: lone surrogates, too many levels."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise NotJSON("half of a surrogate pair") from error
    elif isinstance(value, (list, dict)):
        if depth >= MAXIMUM_DEPTH:
            raise NotJSON("nested too deeply")
        if isinstance(value, dict):
            for name in value:
                _check(name)
        for element in value.values() if isinstance(value, dict) else value:
            _check(element, depth + 1)


def parse(content):
    """The value that bytes hold."""
    try:
        text = content.decode("utf-8")
        if text.startswith("\ufeff"):
            raise NotJSON("a byte order mark")
        value = json.loads(
            text, object_pairs_hook=_members, parse_int=_integer, parse_float=_number, parse_constant=_constant
        )
        _check(value)
        return value
    except NotJSON:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJSON(str(error)) from error


def _float(number):
    """A double as ECMAScript writes it."""
    if number == 0:
        return "0"
    if abs(number) < 1e21 and number == int(number):
        if abs(number) > LARGEST_INTEGER:
            raise NotJSON("a whole number beyond 2^53")
        return str(int(number))
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = (whole + ("" if fraction == "0" else fraction)).lstrip("0")
    point -= len(whole + ("" if fraction == "0" else fraction)) - len(digits)
    digits = digits.rstrip("0")
    sign = "-" if number < 0 else ""
    if 0 < point <= 21:
        return sign + (digits + "0" * (point - len(digits)) if len(digits) <= point else f"{digits[:point]}.{digits[point:]}")
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _text(text):
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    return '"' + "".join(short.get(c, f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def _write(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return "[" + ",".join(map(_write, value)) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{_text(name)}:{_write(value[name])}" for name in names) + "}"


def canonical(value):
    """The one spelling of a value."""
    return _write(value).encode("utf-8")
