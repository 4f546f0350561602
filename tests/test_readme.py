"""What the README says can be typed: its Python runs, its commands and options exist."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

import jingning
from scenarios import find

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh.md")


def blocks(name, language):
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(name):
    lines = "\n".join(blocks(name, "sh")).replace("\\\n", " ").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [line for line in words if line and line[0] in {"jingning", "python"}]


@pytest.mark.parametrize("name", READMES)
def test_the_python_runs(name, capsys):
    (code,) = blocks(name, "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 15
    exec(compile(code, name, "exec"), {})  # noqa: S102 - the README's own example
    assert "min" in capsys.readouterr().out


@pytest.mark.parametrize("name", READMES)
def test_the_commands_and_their_options_exist(name, capsys):
    lines = commands(name)
    assert len(lines) >= 8
    for line in lines:
        words = line[1:] if line[0] == "jingning" else line[2:]
        depth = 2 if words[0] == "layers" else 1
        if words[0] == "doctor":
            continue
        assert jingning.main([*words[:depth], "--help"]) == 0, line
        told = capsys.readouterr().out
        for option in words[depth:]:
            if option.startswith("-"):
                assert option.split("=")[0] in told, line


@pytest.mark.parametrize("name", READMES)
def test_the_scripts_are_valid(name):
    for script in blocks(name, "toml"):
        content = tomllib.loads(script)
        find(content["scenario"]).params.model_validate(content.get("params", {}))


def test_both_languages_say_the_same_commands():
    first, second = (commands(name) for name in READMES)
    assert first == second
    assert blocks(READMES[0], "python") == blocks(READMES[1], "python")
    assert blocks(READMES[0], "powershell") == blocks(READMES[1], "powershell")
