"""Words of the layers' sources: what a file keeps in one string comes apart."""

from hypothesis import given
from hypothesis import strategies as st

from geo.words import Text
from layers.source import MARK, both, parted
from maps.wording import said


@given(st.text(), st.text())
def test_words_of_a_source_come_apart_as_they_were(zh, en):
    words = Text(zh, en)
    if MARK.strip() in zh + en:
        assert MARK.strip() not in parted(both(words)).zh + parted(both(words)).en
    else:
        assert parted(both(words)) == words


def test_pages_take_not_stated_apart():
    text = both(Text("未注明", "not stated"))
    assert said(text) == ("未注明", "not stated")
    assert said(f"2024-05-01 – {text}") == ("2024-05-01 – 未注明", "2024-05-01 – not stated")
