"""What shells complete, asked of the shells themselves, and the manual pages that are made of what the programs say."""

import shutil
import subprocess

import harness
import pytest

PROGRAMS = {"fieldproof-agent": harness.AGENT, "fieldproof": harness.FIELDPROOF}


def script(program, shell, tmp_path):
    path = tmp_path / shell
    path.write_text(
        subprocess.run(
            [PROGRAMS[program], "--generate-completion-script", shell], capture_output=True, text=True, check=True
        ).stdout
    )
    return path


def bash(program, line, tmp_path):
    """The words that bash offers behind a line."""
    source = """
        source "$1"
        read -ra COMP_WORDS <<<"$2"
        case "$2" in *' ') COMP_WORDS+=('') ;; esac
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$2 COMP_POINT=${#2}
        function=$(complete -p "$3" | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        "$function" "$3" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    result = subprocess.run(
        ["bash", "-c", source, "bash", script(program, "bash", tmp_path), line, program], capture_output=True, text=True
    )
    assert result.stderr == ""
    return {word.strip() for word in result.stdout.split("\n") if word.strip()}


def fish(program, line, tmp_path):
    if not shutil.which("fish"):
        pytest.skip("there is no fish here")
    result = subprocess.run(
        ["fish", "-c", f"source {script(program, 'fish', tmp_path)}; complete -C '{line}'"],
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert result.stderr == ""
    return {word.split("\t")[0] for word in result.stdout.splitlines()}


def zsh(program, line, tmp_path):
    """What zsh's own completion shows on a terminal."""
    if not shutil.which("zsh"):
        pytest.skip("there is no zsh here")
    functions = tmp_path / "functions"
    functions.mkdir()
    script(program, "zsh", tmp_path).rename(functions / f"_{program}")
    source = r"""
        zmodload zsh/zpty zsh/zselect
        zpty -b shell 'TERM=dumb zsh -fi'
        shown=
        await() {
            local end=$((SECONDS + 30)) part
            while [[ $shown != *$1* ]] && ((SECONDS < end)); do
                if zpty -r -t shell part; then shown+=$part; else zselect -t 5; fi
            done
        }
        zpty -w shell "PS1=; fpath=($1 \$fpath); autoload -U compinit && compinit -u -D; bindkey '^I' complete-word; print rea''dy"
        await ready
        shown=
        zpty -w -n shell "$2"$'\t\t'
        await "$3"
        zpty -d shell
        print -r -- "$shown"
    """
    result = subprocess.run(
        ["zsh", "-fc", source, "zsh", functions, line, sorted(ZSH[line])[-1]],
        capture_output=True,
        text=True,
        timeout=90,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    return {word for word in ZSH[line] if word in result.stdout}


ZSH = {
    "fieldproof-agent spool ": {"dump", "status", "verify"},
    "fieldproof-agent run --log-level w": {"warning"},
}
CASES = [
    ("fieldproof-agent", "fieldproof-agent sp", {"spool"}),
    ("fieldproof-agent", "fieldproof-agent spool ", {"status", "verify", "dump"}),
    ("fieldproof-agent", "fieldproof-agent spool status --js", {"--json"}),
    ("fieldproof-agent", "fieldproof-agent run --log-level w", {"warning"}),
    ("fieldproof-agent", "fieldproof-agent sample --format ", {"table", "senml", "line"}),
    ("fieldproof-agent", "fieldproof-agent run --config /etc/host", {"/etc/hosts"}),
    ("fieldproof", "fieldproof rep", {"report"}),
    ("fieldproof", "fieldproof report --audience p", {"partner", "public"}),
]


@pytest.mark.parametrize("shell", [bash, fish], ids=["bash", "fish"])
@pytest.mark.parametrize("program, line, expected", CASES, ids=[case[1] for case in CASES])
def test_a_shell_completes_commands_options_and_values(shell, program, line, expected, tmp_path):
    assert expected <= shell(program, line, tmp_path)


@pytest.mark.parametrize("line, expected", ZSH.items())
def test_zsh_completes_as_well(line, expected, tmp_path):
    assert zsh("fieldproof-agent", line, tmp_path) == expected


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_manual_page_has_every_command_and_roff_finds_no_fault(program, tmp_path):
    dump = subprocess.run(
        [PROGRAMS[program], "--experimental-dump-help"], capture_output=True, text=True, check=True
    ).stdout
    packaging = harness.ROOT / "Tools" / "packaging"
    page = subprocess.run(
        [packaging / "manual", packaging / f"{program}.sections", "1.2.3", "2026-01-31"],
        input=dump,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    help_text = subprocess.run([PROGRAMS[program], "--help"], capture_output=True, text=True, check=True).stdout
    commands = [line.split()[0] for line in help_text.split("SUBCOMMANDS:")[1].splitlines() if line.startswith("  ") and line[2] not in " S"]
    assert len(commands) > 5
    for command in commands:
        assert f".SS {program} {command}".replace("-", "\\-") in page, command
    if not shutil.which("groff"):
        pytest.skip("there is no groff here")
    result = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-rHY=0"], input=page, capture_output=True, text=True
    )
    assert result.stderr == ""
