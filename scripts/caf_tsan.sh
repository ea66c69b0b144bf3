# CAF built with the thread sanitizer. Debian's libcaf is not, so the sanitizer cannot see that handing a
# message over orders two threads, and reports every message as a race.
# shellcheck shell=bash disable=SC2034,SC2154

# sources_of_apt DIR: the system's places of packages, as places of source packages, in DIR; the
# system's own list stays as it is.
sources_of_apt() {
  local place
  mkdir -p "$1"
  for place in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
    [[ ! -r $place ]] || sed -E 's/^Types:.*/Types: deb-src/; s/^deb([ \t])/deb-src\1/' "$place" >"$1/${place##*/}"
  done
  [[ ! -e $1/sources.list ]] || mv "$1/sources.list" "$1/system.list"
}

# Fetches CAF's source package from where apt has its packages and builds its two libraries in
# build/tsan-caf, once (about three minutes). Sets caf_tsan_libraries to their directory.
build_caf_tsan() {
  local dir=$root/build/tsan-caf version package apt_options
  caf_tsan_libraries=$dir/build/lib
  [[ ! -e $dir/done ]] || return 0
  version=$(dpkg-query -W -f='${source:Upstream-Version}' libcaf-dev)
  package=$(dpkg-query -W -f='${source:Package}=${source:Version}' libcaf-dev)
  step "fetching the source of CAF $version"
  rm -rf "$dir"
  mkdir -p "$dir/lists/partial" "$dir/build"
  sources_of_apt "$dir/parts"
  apt_options=(-q -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$dir/parts"
    -o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir" -o Acquire::Retries=2)
  # A place without source packages fails to be updated, which does not matter if another has them.
  (cd "$dir" && { apt-get "${apt_options[@]}" update || true; } &&
    apt-get "${apt_options[@]}" source --download-only --tar-only "$package") \
    >"$dir/fetch.log" 2>&1 ||
    die "CAF's source package is not to be had, and the thread sanitizer needs it (log: $dir/fetch.log)"
  tar -xzf "$dir/actor-framework_$version.orig.tar.gz" -C "$dir" --one-top-level=source --strip-components=1 ||
    die "CAF's source package is not what it was expected to be (see $dir)"
  step "building CAF $version with the thread sanitizer"
  cmake -S "$dir/source" -B "$dir/build" -G Ninja -DCMAKE_BUILD_TYPE=None \
    -DCAF_NO_TOOLS=ON -DCAF_NO_EXAMPLES=ON -DCAF_NO_UNIT_TESTS=ON -DCAF_NO_OPENCL=ON \
    -DCAF_NO_PYTHON=ON -DCAF_NO_OPENSSL=ON -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
    -DCMAKE_CXX_FLAGS="-std=c++17 -O1 -g1 -w -fsanitize=thread -include limits -include cstdint" \
    >"$dir/configure.log" 2>&1 || die "CAF could not be configured (log: $dir/configure.log)"
  ninja -C "$dir/build" "lib/libcaf_core.so.$version" "lib/libcaf_io.so.$version" ||
    die "CAF could not be built with the thread sanitizer"
  touch "$dir/done"
}
