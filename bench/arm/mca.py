#!/usr/bin/env python3
"""Cycles of the kernels' inner loops on Arm cores, by llvm-mca: static analysis, nothing is run.

    mca.py [OBJECTS]            a table in Markdown; OBJECTS: the folder of the kernels' object files
                                (default: that of the preset aarch64-peers, which bench-arm builds)
    mca.py --print FUNCTION     the loops of the functions whose name contains this

Loops are found by disassembly: the stretch of code that a backward branch closes, without calls and
without another such branch inside; branches forward count as not taken. Of each function (of a
template, of all its instances of other sizes) the loop is taken that multiplies most, by the fewest
instructions. A multiply-accumulate (MAC) is counted for each product that the instructions make, also
with padding.

The percentage is of the core's peak: the MAC a cycle that llvm-mca gives for nothing but independent
multiply-accumulates of that instruction set (what tools/peak.cc measures on a real machine). llvm-mca
assumes that loads hit the first-level cache and that fetching never waits.
"""
import argparse
import functools
import pathlib
import re
import shutil
import subprocess
import sys
from collections import defaultdict, namedtuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
OBJECTS = ROOT / "build-aarch64-peers/kernels/CMakeFiles/quaver_kernels.dir"
OBJDUMP = "aarch64-linux-gnu-objdump"
ITERATIONS = 1000
SOURCES = re.compile(r"gemm|depthwise")

# LLVM's scheduling models, and the instruction sets that the cores have. LLVM 19 takes the A57's model
# for the A72, to which it is near, and also for the A76 and the X1, to which it is not: the Neoverse N1
# is an A76, and the Neoverse V1 an X1 with SVE and int8 matrix products.
Core = namedtuple("Core", "name model folders")
CORES = (
    Core("A53", "cortex-a53", ("neon",)),
    Core("A55", "cortex-a55", ("neon", "neondot")),
    Core("A72", "cortex-a72", ("neon",)),
    Core("A76", "neoverse-n1", ("neon", "neondot")),
    Core("X1", "neoverse-v1", ("neon", "neondot")),
    Core("A710", "cortex-a710", ("i8mm",)),
    Core("V1", "neoverse-v1", ("i8mm",)),
)

# The multiply-accumulate of each instruction set of which the peak is made.
PEAK = {
    "neon": "smlal v{}.8h, v30.8b, v31.8b",
    "neondot": "sdot v{}.4s, v30.16b, v31.16b",
    "i8mm": "smmla v{}.4s, v30.16b, v31.16b",
}
PEAK_SUMS = 12

MACS = tuple((re.compile(pattern), count) for pattern, count in (
    (r"(s|u|us)mmla\s+v\d+\.4s", 32),
    (r"(s|u|us|su)dot\s+v\d+\.4s", 16),
    (r"(s|u|us|su)dot\s+v\d+\.2s", 8),
    (r"[su]m(lal|lsl|ull)2?\s+v\d+\.8h", 8),
    (r"[su]m(lal|lsl|ull)2?\s+v\d+\.4s", 4),
    (r"(mla|mls|mul)\s+v\d+\.16b", 16),
    (r"(mla|mls|mul)\s+v\d+\.8h", 8),
))

Loop = namedtuple("Loop", "file function instructions macs")


def macs_of(instruction):
    return next((count for pattern, count in MACS if pattern.match(instruction)), 0)


def functions(path):
    """Of an object file: (name, [(address, instruction, address branched to or None)])."""
    text = subprocess.run([OBJDUMP, "-d", "-C", "--no-show-raw-insn", path], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    for name, body in re.findall(r"^[0-9a-f]+ <(.*)>:\n((?:.+\n)*)", text, re.MULTILINE):
        code = []
        for address, instruction in re.findall(r"^\s*([0-9a-f]+):\s+(.*)$", body, re.MULTILINE):
            instruction = re.sub(r"\s*//.*", "", instruction).replace("\t", " ")
            branch = re.match(r"(?:b(?:\.\w+)?|cbn?z|tbn?z) (?:.*, )?([0-9a-f]+) <", instruction)
            code.append((int(address, 16), instruction, int(branch[1], 16) if branch else None))
        yield name, code


def iterations(body):
    """Of a loop: itself, or the pieces of which each computes the address of the next one's code."""
    jumps = [-1] + [i for i, text in enumerate(body) if text.startswith("br ")]
    if len(jumps) == 1:
        yield body
    for before, jump in zip(jumps, jumps[1:]):
        yield [text for text in body[before + 1:jump + 1] if not text.startswith("udf")]


def loops(code):
    """The innermost ones, as lists of instructions."""
    index = {address: i for i, (address, _, _) in enumerate(code)}
    spans = {(index[target], i) for i, (address, _, target) in enumerate(code)
             if target is not None and target <= address and target in index}
    for first, last in sorted(spans):
        body = [instruction for _, instruction, _ in code[first:last + 1]]
        is_innermost = not any((a, b) != (first, last) and first <= a and b <= last
                               for a, b in spans)
        if is_innermost and not any(re.match(r"(blr?|ret)\b", text) for text in body):
            yield from iterations(body)


def short_name(function):
    """GemmTileDot::Run<6, 2>: without namespaces, the type of the result and the parameters."""
    name = re.sub(r"quaver::kernels::|\(anonymous namespace\)::| \[clone.*\]", "", function)
    name = re.sub(r"\(\w+\)(?=\d)", "", name)  # the type of an enumerator
    return re.sub(r"\(.*", "", name).removeprefix("void ")


def heaviest_loops(objects, folder):
    """Of each function of an instruction set's folder the loop that multiplies most."""
    by_function = defaultdict(list)
    for path in sorted((objects / folder).glob("*.o")):
        file = f"{folder}/{path.name.removesuffix('.o')}"
        for function, code in functions(path) if SOURCES.search(path.name) else ():
            name = short_name(function)
            by_function[file, re.sub(r"<(\d+|true|false|, )*>", "", name)] += [
                Loop(file, name, body, sum(map(macs_of, body))) for body in loops(code)]
    for _, found in sorted(by_function.items()):
        best = max(found, key=lambda loop: (loop.macs, -len(loop.instructions), loop.function),
                   default=None)
        if best and best.macs:
            yield best


@functools.cache
def tool():
    """The newest llvm-mca: from version 19 on they know the cores above."""
    found = filter(None, (shutil.which(f"llvm-mca-{version}") for version in range(30, 18, -1)))
    program = next(found, None)
    if program is None:
        sys.exit("mca.py: there is no llvm-mca of version 19 or newer; scripts/setup mca installs it")
    return program


def cycles(model, instructions):
    """Of one iteration, in the steady state."""
    # The address that a branch goes to is the object file's; any will do.
    text = "\n".join(re.sub(r"[0-9a-f]+ <.*>$", "0", line) for line in instructions)
    output = subprocess.run(
        [tool(), "-mtriple=aarch64", f"-mcpu={model}", "-mattr=+dotprod,+i8mm",
         f"-iterations={ITERATIONS}", "-instruction-info=0", "-resource-pressure=0"],
        check=True, input=text, stdout=subprocess.PIPE, text=True).stdout
    return int(re.search(r"Total Cycles: +(\d+)", output)[1]) / ITERATIONS


@functools.cache
def peak(model, folder):
    """MAC a cycle."""
    instructions = [PEAK[folder].format(i) for i in range(PEAK_SUMS)]
    return sum(map(macs_of, instructions)) / cycles(model, instructions)


def cell(core, folder, loop):
    count = cycles(core.model, loop.instructions)
    rate = loop.macs / count
    return f"{count:.1f} · {rate:.1f} · {100 * rate / peak(core.model, folder):.0f} %"


def print_table(objects, folder):
    cores = [core for core in CORES if folder in core.folders]
    print("| loop | instructions | MAC |", " | ".join(core.name for core in cores), "|")
    print("|---|---:|---:|" + "---:|" * len(cores))
    for loop in heaviest_loops(objects, folder):
        cells = " | ".join(cell(core, folder, loop) for core in cores)
        print(f"| `{loop.file}` {loop.function} | {len(loop.instructions)} | {loop.macs} | {cells} |")
    peaks = " | ".join(f"{peak(core.model, folder):.1f}" for core in cores)
    print(f"| *peak, MAC a cycle* | | | {peaks} |\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("objects", nargs="?", type=pathlib.Path, default=OBJECTS)
    parser.add_argument("--print", metavar="FUNCTION", dest="function")
    options = parser.parse_args()
    if not options.objects.is_dir():
        sys.exit(f"mca.py: there is no {options.objects}; scripts/bench-arm builds it")
    for folder in PEAK:
        if not options.function:
            print_table(options.objects, folder)
            continue
        for loop in heaviest_loops(options.objects, folder):
            if options.function in loop.function:
                print(f"# {loop.file} {loop.function}", *loop.instructions, sep="\n")


if __name__ == "__main__":
    main()
