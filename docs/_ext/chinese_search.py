"""Searching in Chinese, where nothing stands between words: by pairs of characters.

反向传播 is found by 反向, 向传 and 传播. Sphinx's own way wants a dictionary of 20 MB, and finds no
Chinese without it. Words in letters are found as on the English site.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.search.zh import SearchChinese

from chinese_text import CHINESE, HAN, words


class PairSearch(SearchChinese):
    """Sphinx's, with other words; the page splits what is typed in the same way."""

    language_name = "English"  # that of the stemmer, which is for words in letters
    js_splitter_code = r"""
function splitQuery(query) {
  const parts = query.match(/[HAN]+|(?:(?![HAN])[\p{L}\p{N}_])+/gu) || [];
  return parts.flatMap((part) =>
    /^[HAN]{2}/.test(part)
      ? Array.from({ length: part.length - 1 }, (_, place) => part.slice(place, place + 2))
      : [part],
  );
}
""".replace("HAN", HAN)

    def split(self, text: str) -> list[str]:
        found = words(text)
        self.latin_terms.update(word for word in found if not CHINESE.match(word))
        return found


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_search_language(PairSearch)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
