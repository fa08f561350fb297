#!/usr/bin/env python3
"""Instructions per inference of Quaver and its peers on emulated 64-bit Arm CPUs.

scripts/bench-arm builds and fetches what this runs: count_inference and count_onnx under qemu-aarch64
with the plugin instruction_counter, which writes the instructions between two marks, by class.
"""
import argparse
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build-aarch64-peers/bench/arm"
PLUGIN = ROOT / "build/bench/arm/libinstruction_counter.so"
CROSS_LIBRARIES = pathlib.Path("/usr/aarch64-linux-gnu/lib")
RUNS = 2

NETWORKS = ["pretrainedResnet_quant", "kws_ref_model", "vww_96_int8", "ad01_int8", "person_detect",
            "tf2_mobilenet_v2_1.0_224_ptq", "mnist"]

# NEON; then with dot products; then with int8 matrix products. Of each, QEMU's name and what
# /proc/cpuinfo says on such a machine: the part (a Cortex-A710 for the last) and its features.
BASE = "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"
DOT = BASE + " atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp"
I8MM = DOT + " jscvt fcma sha3 sha512 asimdfhm dit uscat ilrcpc flagm ssbs sb flagm2 frint i8mm bf16"
CPUS = {
    "a72": ("cortex-a72", "0xd08", BASE),
    "a76": ("cortex-a76", "0xd0b", DOT),
    "max": ("max,sve=off,sme=off", "0xd47", I8MM),
}


def make_system(folder, cpu):
    """A folder for qemu's -L: the cross compiler's libraries, and the files that the CPU detection of
    the peers (cpuinfo) reads. The host's own would be those of another architecture."""
    _, part, features = CPUS[cpu]
    root = folder / cpu
    files = {
        "proc/cpuinfo": f"processor\t: 0\nBogoMIPS\t: 100.00\nFeatures\t: {features}\n"
                        "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x1\n"
                        f"CPU part\t: {part}\nCPU revision\t: 0\n\n",
        "sys/devices/system/cpu/possible": "0\n",
        "sys/devices/system/cpu/present": "0\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    libraries = root / "lib"
    if not libraries.is_symlink():
        libraries.symlink_to(CROSS_LIBRARIES)
    return root


class Counter:
    """Runs programs on an emulated CPU and reads the plugin's marks."""

    def __init__(self, peers, libraries):
        self.marks = peers / "marks.txt"
        self.systems = {cpu: make_system(peers / "systems", cpu) for cpu in CPUS}
        self.libraries = libraries

    def run(self, cpu, program, *arguments, backend="quaver"):
        """What the program prints, and the plugin's lines as lists of words, the titles first."""
        command = ["qemu-aarch64", "-cpu", CPUS[cpu][0], "-L", self.systems[cpu],
                   "-plugin", f"{PLUGIN},out={self.marks}", "-E", f"QUAVER_BACKEND={backend}"]
        if self.libraries:
            command += ["-E", f"LD_LIBRARY_PATH={self.libraries}"]
        output = subprocess.run([*command, PROGRAMS / program, *map(str, arguments)], check=True,
                                stdout=subprocess.PIPE, text=True).stdout
        return output, [line.split() for line in self.marks.read_text().splitlines()]

    def count(self, cpu, program, *arguments, **options):
        """What the program prints, and instructions of one inference: all, and by class."""
        output, marks = self.run(cpu, program, *arguments, RUNS, **options)
        titles = marks[0][2:]
        total, *classes = (int(count) / RUNS for count in marks[-1][1:])
        return output.strip(), {"instructions": total, "classes": dict(zip(titles, classes))}


def quaver(*arguments):
    return subprocess.run([ROOT / "build/tools/quaver", *map(str, arguments)], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def compiled(model, folder):
    """The path of the model's .qvr."""
    if model.suffix == ".qvr":
        return model
    result = folder / (model.stem + ".qvr")
    quaver("convert", model, "-o", result)
    return result


def count_onnx(counter, options, network, cpu):
    """ONNX Runtime with the activations that it is better with."""
    both = []
    for activations in ("uint8", "int8"):
        path = options.peers / f"networks-{activations}" / f"{network}.onnx"
        version, counts = counter.count(cpu, "count_onnx", options.onnxruntime, path)
        name = {"name": "ONNX Runtime", "version": version, "activations": activations}
        both.append({**name, **counts})
    return min(both, key=lambda runtime: runtime["instructions"])


def count_network(counter, options, network, model, cpu):
    isa, counts = counter.count(cpu, "count_inference", model)
    runtimes = [{"name": "Quaver", "isa": isa, **counts}]
    if options.onnxruntime:
        runtimes.append(count_onnx(counter, options, network, cpu))
    if options.xnnpack:
        _, counts = counter.count(cpu, "count_inference", model, backend="xnnpack")
        runtimes.append({"name": "XNNPACK", **counts})
    for runtime in runtimes:
        runtime["ratio"] = runtime["instructions"] / runtimes[0]["instructions"]
    return {"cpu": cpu, "runtimes": runtimes}


def title(runtimes):
    cells = [f"{'network':28} {'10^3 MAC':>8} {'CPU':>4}"]
    for runtime in runtimes:
        last = "" if runtime["name"] == "Quaver" else f" {'ratio':>6}"
        cells.append(f"{runtime['name']:>12} {'MAC/i':>6}{last}")
    return " | ".join(cells)


def row(network, macs, entry):
    cells = [f"{network:28} {macs // 1000:8} {entry['cpu']:>4}"]
    for runtime in entry["runtimes"]:
        count = runtime["instructions"]
        last = "" if runtime["name"] == "Quaver" else f" {runtime['ratio']:6.2f}"
        cells.append(f"{count / 1000:12.1f} {macs / count:6.2f}{last}")
    return " | ".join(cells)


def histogram(entry):
    """Each runtime's classes, in thousands of instructions and per cent."""
    for runtime in entry["runtimes"]:
        parts = (f"{name} {count / 1000:.1f} ({100 * count / runtime['instructions']:.0f} %)"
                 for name, count in runtime["classes"].items() if count)
        yield f"    {runtime['name']:13}{'  '.join(parts)}"


def count_all(counter, options):
    results = []
    for network in options.networks:
        source = ROOT / "examples/mnist/mnist.qvr" if network == "mnist" else \
            options.models / f"{network}.tflite"
        if not source.exists():
            print(f"{network}: left out, there is no {source}")
            continue
        model = compiled(source, options.peers)
        macs = json.loads(quaver("inspect", "--json", model))["macs"]
        entries = []
        for cpu in options.cpus:
            entries.append(count_network(counter, options, network, model, cpu))
            if not results and len(entries) == 1:
                print(title(entries[0]["runtimes"]))
            print(row(network, macs, entries[-1]), flush=True)
            if options.classes:
                print("\n".join(histogram(entries[-1])), flush=True)
        results.append({"network": network, "macs": macs, "cpus": entries})
    return results


def count_operators(counter, cpu, model):
    output, marks = counter.run(cpu, "count_inference", model)
    names = dict(line.split(maxsplit=1) for line in output.splitlines())
    print(" ".join(marks[0]), "| kind kernel name")
    for mark in marks[1:]:
        if mark[0] in names:
            print(" ".join(mark), "|", names[mark[0]])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=pathlib.Path, required=True, help=".tflite models")
    parser.add_argument("--peers", type=pathlib.Path, required=True, help="folder to work in")
    parser.add_argument("--onnxruntime", help="libonnxruntime.so for arm64")
    parser.add_argument("--xnnpack", help="folder of the arm64 library of XNNPACK")
    parser.add_argument("--networks", nargs="+", default=NETWORKS, help="only these")
    parser.add_argument("--cpus", nargs="+", default=list(CPUS), choices=CPUS, help="only these")
    parser.add_argument("--classes", action="store_true", help="print a histogram by class")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures here")
    parser.add_argument("--operators", nargs=2, metavar=("CPU", "MODEL"),
                        help="each operator of one model on Quaver, and nothing else")
    options = parser.parse_args()
    counter = Counter(options.peers, options.xnnpack)
    if options.operators:
        cpu, model = options.operators
        count_operators(counter, cpu, compiled(pathlib.Path(model), options.peers))
        return
    print("Thousands of instructions per inference, one thread; MAC/i: multiply-accumulates per "
          "instruction; ratio: times as many as Quaver")
    results = count_all(counter, options)
    file = options.json or options.peers / "results.json"
    file.write_text(json.dumps({"networks": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
