# Functions that fetch Debian's arm64 packages without installing them: an index of their own beside
# the system's. To be sourced.

# arm64_index DIR: makes the index in DIR. Afterwards "${arm64_apt[@]}" are the options that make
# apt-get and apt-cache use it. Fails where the package sources have no arm64.
arm64_index() {
  local dir=$1
  mkdir -p "$dir"/{state/lists/partial,cache/archives/partial}
  touch "$dir/status"
  arm64_apt=(-q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$dir/state"
    -o Dir::State::status="$dir/status" -o Dir::Cache="$dir/cache" -o APT::Sandbox::User=root)
  apt-get "${arm64_apt[@]}" update
}

# arm64_unpack DIR PATTERN PACKAGE...: downloads the packages and unpacks those of their files that
# the pattern matches ('./usr/*') into DIR.
arm64_unpack() {
  local dir=$1 pattern=$2 work file
  shift 2
  work=$(mktemp -d)
  if ! (cd "$work" && apt-get "${arm64_apt[@]}" download "$@"); then
    rm -rf "$work"
    return 1
  fi
  mkdir -p "$dir"
  for file in "$work"/*.deb; do
    dpkg-deb --fsys-tarfile "$file" | tar -x -C "$dir" --wildcards "$pattern"
  done
  rm -rf "$work"
}
