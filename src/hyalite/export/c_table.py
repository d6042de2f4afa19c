"""A table's model in C99: a row of the table goes in, the class or the number comes out."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

from hyalite.data.tables.category_column import Category
from hyalite.data.tables.column import Column
from hyalite.data.tables.date_column import CYCLES, DateTime
from hyalite.data.tables.number_column import Number
from hyalite.export.c_network import arrays, body, layout
from hyalite.export.table_model import (
    TableForm,
    filled,
    gap_numbers,
    inputs_of,
    level_places,
    numbers_of,
    plain,
    unit_of,
)
from hyalite.version import __version__

HEAD = """\
/* {title}.
   Made by Hyalite {version}. C99; link with -lm; nothing is allocated.

   {how}

   A row goes in as the table has it; its preparation (gaps filled, numbers scaled,
   categories made 1 and 0) is in this file. Numbers are numbers: what a text such as
   "1.234,50" means is not known here. NAN is a gap. Texts are those of the table in
   UTF-8, letter for letter and without blanks around; NULL is a gap, any other text
   than those listed one that training never saw.

   A row's members:
{inputs}

   It keeps {scratch} bytes of its own between calls; one thread at a time may call it. */

#include <math.h>
#include <string.h>

#define FEATURES {features}
"""
CLASSES = """\
int predict(const struct row *row, double *probabilities);
   the place in class_names of the likeliest class; probabilities, unless it is NULL,
   takes {count} numbers, in the order of class_names"""
NUMBER = "double predict(const struct row *row);   {name}{unit}"
DATES = """
   double days_since_1970(const char *date);
   of "2026-11-21" and "2026-11-21 14:30:00", UTC; NAN of NULL and of other texts"""

NUMBER_CODE = """\
static void number(
    double v, double center, double scale, double fill, double limit, int at, int gap)
{
    const int missing = !isfinite(v);
    v = ((missing ? fill : v) - center) / scale;
    features[at] = (float)(v > limit ? limit : v < -limit ? -limit : v);
    if (gap >= 0) features[gap] = (float)missing;
}
"""
CYCLE_CODE = """\
static void cycle(double days, double length, int at)
{
    const int there = isfinite(days);
    const double turn = 2 * 3.141592653589793 * days / length;
    features[at] = there ? (float)sin(turn) : 0.0f;
    features[at + 1] = there ? (float)cos(turn) : 0.0f;
}
"""
LEVEL_CODE = """\
struct level { const char *text; int place; };

static int place_of(const char *text, const struct level *levels, int count, int other)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(text ? text : "", levels[i].text)) return levels[i].place;
    return other;
}
"""
DAYS_CODE = """\
double days_since_1970(const char *date)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    static const char form[] = "dddd-dd-dd dd:dd:dd";
    int parts[6] = {0}, part = 0, i = 0;
    for (; date && date[i] && i < 19; i++) {
        if (form[i] == 'd' && date[i] >= '0' && date[i] <= '9')
            parts[part] = 10 * parts[part] + date[i] - '0';
        else if (form[i] != 'd' && (date[i] == form[i] || (i == 10 && date[i] == 'T')))
            part++;
        else
            return NAN;
    }
    if (!date || date[i] || (i != 10 && i != 16 && i != 19)) return NAN;
    const int year = parts[0], month = parts[1], day = parts[2];
    const int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1 || month < 1 || month > 12 || day < 1 || parts[3] > 23 || parts[4] > 59
        || parts[5] > 59 || day > before[month] - before[month - 1] + (month == 2 && leap))
        return NAN;
    const int past = year - 1, days = 365 * past + past / 4 - past / 100 + past / 400;
    return days + before[month - 1] + (leap && month > 2) + day - 719163
        + (3600.0 * parts[3] + 60.0 * parts[4] + parts[5]) / 86400.0;
}
"""
SOFTMAX_CODE = """\
static void softmax(double *z)
{
    double top = z[0], sum = 0;
    for (int i = 1; i < CLASSES; i++) if (z[i] > top) top = z[i];
    for (int i = 0; i < CLASSES; i++) sum += z[i] = exp(z[i] - top);
    for (int i = 0; i < CLASSES; i++) z[i] /= sum;
}
"""
ANSWER_CODE = """\
static double within(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}
"""
# Of each ending: what makes p, probabilities, or v, a number, of the outputs z of a network.
ENDINGS = {
    "softmax": "for (int i = 0; i < CLASSES; i++) p[i] = z[i];\nsoftmax(p);",
    "probabilities": "for (int i = 0; i < CLASSES; i++) p[i] = z[i];",
    "sigmoid": "p[1] = exp(-fabs((double)z[0]));\n"
    "p[1] = (z[0] >= 0 ? 1 : p[1]) / (1 + p[1]);\np[0] = 1 - p[1];",
    "yes": "p[1] = z[0];\np[0] = 1 - p[1];",
    "number": "v = {factor} * (z[0] * {scale} + {mean});",
    "logarithm": "v = {factor} * exp(within(z[0] * {scale} + {mean}, log({low}), log({high})));",
}
MIX_CLASSES = "for (int i = 0; i < CLASSES; i++) total[i] += {weight} * p[i];"
MIX_NUMBERS = "total += {weight} * within(v, {low}, {high});"
TEMPER = """\
    for (int i = 0; i < CLASSES; i++)
        total[i] = log(total[i] < {smallest} ? {smallest} : total[i] > 1 ? 1 : total[i]) / {T};
    softmax(total);
    for (int i = 0; i < CLASSES; i++)
        total[i] = (total[i] + {floor}) / (1 + {floor} * CLASSES);
"""
# no C, C++ or common macro may be the name of a member
_WORDS = """\
auto break case char const continue default do double else enum extern float for goto if inline
int long register restrict return short signed sizeof static struct switch typedef union
unsigned void volatile while and and_eq asm bitand bitor bool catch class compl const_cast
delete dynamic_cast explicit export false friend mutable namespace new not not_eq operator or
or_eq private protected public reinterpret_cast static_cast template this throw true try typeid
typename using virtual wchar_t xor xor_eq NAN NULL INFINITY HUGE_VAL HUGE_VALF HUGE_VALL
FEATURES CLASSES linux unix i386 errno
"""
RESERVED = frozenset(_WORDS.split())


def table_source(form: TableForm) -> str:
    """The whole file."""
    columns = [column for column, _ in form.columns]
    members = member_names([column.name for column in columns])
    features = len(form.preparation.features)
    size = max(layout(part.steps, features)[1] for part in form.parts)
    text = _head(form, members, 4 * size + 4 * features)
    text += f"#define CLASSES {len(form.classes)}\n" if form.classes else ""
    text += "\nstruct row {\n"
    for column, member in zip(columns, members, strict=True):
        kind = "const char *" if isinstance(column, Category) else "double "
        text += f"    {kind}{member};\n"
    text += "};\n\n"
    if form.classes:
        names = ",\n    ".join(literal(name) for name in form.classes)
        text += f"const char *const class_names[CLASSES] = {{\n    {names}}};\n\n"
    for part in form.parts:
        text += arrays(part.steps)
    text += f"\nstatic float scratch[{size}], features[FEATURES];\n\n"
    text += _helpers(form, columns) + _prepare(form, members)
    for number, part in enumerate(form.parts, 1):
        text += f"\nstatic const float *network_{number}(const float *x)\n{{\n"
        text += body(part.steps, features) + "    return a;\n}\n"
    return text + _predict(form)


def _head(form: TableForm, members: Sequence[str], scratch: int) -> str:
    target, columns = form.preparation.target, form.columns
    if form.classes:
        how = CLASSES.format(count=len(form.classes))
    else:
        how = NUMBER.format(name=plain(target.name), unit=unit_of(target))
    if any(isinstance(column, DateTime) for column, _ in columns):
        how += "\n" + DATES
    lines = []
    for (column, _), member in zip(columns, members, strict=True):
        said = f"     .{member}: "
        said += "" if member == column.name else f"{plain(column.name)!r}, "
        lines.append(filled(said + inputs_of(column, texts=False), "       "))
    return HEAD.format(
        title=filled(plain(form.title), "   "),
        version=__version__,
        how=how,
        inputs="\n".join(lines),
        scratch=scratch,
        features=len(form.preparation.features),
    )


def _helpers(form: TableForm, columns: Sequence[Column]) -> str:
    """The functions that this model needs; a compiler warns of others."""
    dates = any(isinstance(column, DateTime) for column in columns)
    endings = {part.ending for part in form.parts}
    wanted = {
        NUMBER_CODE: any(isinstance(column, Number | DateTime) for column in columns),
        CYCLE_CODE: any(isinstance(column, DateTime) and column.cycles for column in columns),
        LEVEL_CODE: any(isinstance(column, Category) for column in columns),
        DAYS_CODE: dates,
        SOFTMAX_CODE: "softmax" in endings or form.temperature is not None,
        ANSWER_CODE: bool(endings & {"number", "logarithm"}),
    }
    return "\n".join(code for code, needed in wanted.items() if needed)


def _prepare(form: TableForm, members: Sequence[str]) -> str:
    """The levels of the categories, and what fills `features` from a row."""
    levels, lines = "", ""
    names = form.preparation.features
    for number, ((column, places), member) in enumerate(zip(form.columns, members, strict=True), 1):
        if isinstance(column, Category):
            table, other = _levels(column, number, [names[place] for place in places])
            levels += table
            count = f"sizeof levels_{number} / sizeof *levels_{number}"
            found = f"place_of(row->{member}, levels_{number}, {count}, {other})"
            if column.embed:
                lines += f"    features[{places[0]}] = (float){found};\n"
            else:  # their places are side by side
                lines += f"    place = {found};\n"
                lines += f"    if (place >= 0) features[{places[0]} + place] = 1.0f;\n"
            continue
        days = numbers_of(column)
        value = f"row->{member}"
        for gap in gap_numbers(column):
            value = f"row->{member} == {gap!r} ? NAN : {value}"
        figures = ", ".join(double(v) for v in (days.center, days.scale, days.fill, days.limit))
        indicator = places[1] if days.indicator else -1
        lines += f"    number({value}, {figures}, {places[0]}, {indicator});\n"
        if isinstance(column, DateTime):
            waves = places[1 + days.indicator :: 2]
            for cycle, place in zip(column.cycles, waves, strict=True):
                lines += f"    cycle(row->{member}, {CYCLES[cycle][0]!r}, {place});\n"
    one_hot = any(isinstance(c, Category) and not c.embed for c, _ in form.columns)
    return (
        f"{levels}\nstatic void prepare(const struct row *row)\n{{\n"
        + ("    int place;\n" if one_hot else "")
        + "    memset(features, 0, sizeof features);\n"
        + f"{lines}}}\n"
    )


def _levels(column: Category, number: int, features: Sequence[str]) -> tuple[str, int]:
    places, other = level_places(column)
    rows = "\n".join(
        f"    {{{literal(text)}, {place}}},"
        + ("" if column.embed or place < 0 else f"  /* {plain(features[place])} */")
        for text, place in (places or {"": other}).items()
    )
    return f"\nstatic const struct level levels_{number}[] = {{\n{rows}\n}};\n", other


def _predict(form: TableForm) -> str:
    lines = ["prepare(row);", "const float *z;"]
    if form.classes:
        lines += ["double p[CLASSES], total[CLASSES] = {0};"]
        mixing = MIX_CLASSES
    else:
        lines += ["double v, total = 0;"]
        mixing = MIX_NUMBERS
    for number, part in enumerate(form.parts, 1):
        figures = {key: double(value) for key, value in part.numbers.items()}
        figures["weight"] = double(part.weight)
        lines.append(f"z = network_{number}(features);")
        lines += ENDINGS[part.ending].format(**figures).splitlines()
        lines.append(mixing.format(**figures))
    text = "".join(f"    {line}\n" for line in lines)
    if not form.classes:
        return f"\ndouble predict(const struct row *row)\n{{\n{text}    return total;\n}}\n"
    if form.temperature is not None:
        text += TEMPER.format(
            smallest=double(form.smallest), T=double(form.temperature), floor=double(form.floor)
        )
    return (
        "\nint predict(const struct row *row, double *probabilities)\n{\n"
        f"{text}    int best = 0;\n"
        "    for (int i = 1; i < CLASSES; i++) if (total[i] > total[best]) best = i;\n"
        "    if (probabilities) memcpy(probabilities, total, sizeof total);\n"
        "    return best;\n}\n"
    )


def member_names(names: Sequence[str]) -> list[str]:
    """Names of columns as C has names, each once.

    Examples:
        >>> from hyalite.export.c_table import member_names
        >>> member_names(["Area (m²)", "größe", "int", "2nd", "面积", "area__m2_"])
        ['Area__m2_', 'grosse', 'int_', 'c_2nd', 'column_5', 'area__m2_']
    """
    found: list[str] = []
    for number, name in enumerate(names, 1):
        folded = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
        letters = "".join(c for c in folded if not unicodedata.combining(c))
        made = re.sub(r"[^A-Za-z0-9_]", "_", letters)
        if not re.search(r"[A-Za-z0-9]", made):
            made = f"column_{number}"
        made = made if made[0].isalpha() else f"c_{made}"
        while made in RESERVED or made in found:
            made += "_"
        found.append(made)
    return found


def literal(text: str) -> str:
    r"""A text as C writes it, in bytes of UTF-8.

    Examples:
        >>> from hyalite.export.c_table import literal
        >>> print(literal('5" é??/'))
        "5\" \303\251\?\?/"
    """
    made = ""
    for byte in text.encode("utf-8", "replace"):
        letter = chr(byte)
        if letter in '"\\?':
            made += f"\\{letter}"
        else:
            made += letter if 32 <= byte < 127 else f"\\{byte:03o}"
    return f'"{made}"'


def double(value: float) -> str:
    """A number in double precision."""
    if math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    return repr(float(value))
