# Functions of scripts/bench-peers and scripts/bench-arm, which source this from the project's
# folder. Each says what is missing on stderr and returns 1.

onnxruntime_version=1.30.0

# fetch_onnxruntime ARCHITECTURE LIBRARY: ONNX Runtime's native library of the npm package
# onnxruntime-node, for x64 or arm64, unless it is there.
fetch_onnxruntime() {
  local architecture=$1 library=$2 work
  [[ ! -f $library ]] || return 0
  if ! command -v npm >/dev/null; then
    echo "ONNX Runtime: npm is needed to fetch it; scripts/setup peers installs it" >&2
    return 1
  fi
  echo "Fetching onnxruntime-node $onnxruntime_version ..."
  work=$(mktemp -d)
  if (cd "$work" && npm pack --silent "onnxruntime-node@$onnxruntime_version" >/dev/null &&
    tar -xzf onnxruntime-node-*.tgz --wildcards "*/linux/$architecture/libonnxruntime.so.1"); then
    mkdir -p "$(dirname "$library")"
    mv "$work"/package/bin/napi-v*/linux/"$architecture"/libonnxruntime.so.1 "$library"
  fi
  rm -rf "$work"
  [[ -f $library ]] || {
    echo "ONNX Runtime: npm did not give onnxruntime-node $onnxruntime_version for $architecture" >&2
    return 1
  }
}

# write_networks DIR [OPTION]: networks.py with a Python that has the packaged onnx module, which
# belongs to the system's Python: that need not be the first on PATH.
write_networks() {
  local python
  for python in python3 /usr/bin/python3; do
    "$python" -c 'import onnx' 2>/dev/null || continue
    "$python" bench/peers/networks.py "$@"
    return
  done
  echo "ONNX Runtime: no Python with the onnx module; scripts/setup peers installs it" >&2
  return 1
}
