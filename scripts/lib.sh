# What the scripts share: messages, cleaning up, Debian packages, building, a private PostgreSQL.
# Source it from a bash script that has set -euo pipefail. It is no program of its own.
# shellcheck shell=bash disable=SC2034

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Clones in different places share what ccache keeps.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}

packages_build=(
  g++ cmake ninja-build ccache pkg-config mold
  libcaf-dev libboost1.81-dev libsoci-dev libpq-dev libsqlite3-dev nlohmann-json3-dev
  libsodium-dev libicu-dev libjemalloc-dev libspdlog-dev libcli11-dev libtomlplusplus-dev libjwt-dev libssl-dev
  prometheus-cpp-dev
  libcurl4-openssl-dev libcrypt-dev ca-certificates john-data
)
packages_tests=(catch2 postgresql-15 curl python3 nginx-light chromium)
# Node.js may have come from elsewhere than Debian, whose npm would then conflict with it.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then packages_build+=(nodejs npm); fi

# --- messages: on stderr, so that a script's output can be piped -----------------------------------

step() { printf '==> %s\n' "$*" >&2; }
warn() { printf '%s: warning: %s\n' "${0##*/}" "$*" >&2; }
die() {
  printf '%s: error: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# --- cleaning up: the last thing registered is undone first, on every way out ----------------------

cleanups=()
on_exit() { cleanups+=("$(printf '%q ' "$@")"); }

run_cleanups() {
  local status=$? i
  trap '' INT TERM HUP
  for ((i = ${#cleanups[@]} - 1; i >= 0; i--)); do
    eval "${cleanups[i]}" || true
  done
  exit "$status"
}
trap run_cleanups EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Starts a command as $child in a process group of its own, so that a signal meant for it reaches all of
# it, and Ctrl-C reaches this script first, which then stops things in their order.
child=''
start_child() {
  set -m
  "$@" </dev/null &
  child=$!
  set +m
}

# Whether a process group still runs. A process that nobody has reaped yet does not count.
group_runs() {
  { cat /proc/[0-9]*/stat 2>/dev/null || true; } |
    awk -v group="$1" '{sub(/.*\) /, "")} $1 != "Z" && $3 == group {found = 1} END {exit !found}'
}

# Ends $child and all that it started: SIGTERM, after $1 seconds SIGKILL.
stop_child() {
  local deadline=$((SECONDS + $1))
  [[ -n $child ]] || return 0
  kill -TERM -- "-$child" 2>/dev/null || true
  while group_runs "$child"; do
    if ((SECONDS >= deadline)); then
      warn "process group $child did not end within $1 s and is killed"
      kill -KILL -- "-$child" 2>/dev/null || true
      break
    fi
    sleep 0.05
  done
  wait "$child" 2>/dev/null || true
  child=''
}

# --- the machine ------------------------------------------------------------------------------------

# need_disk DIRECTORY MIB PURPOSE
need_disk() {
  local free
  free=$(df -Pm "$1" | awk 'NR == 2 {print $4}')
  ((free >= $2)) || die "no disk: $3 needs $2 MiB in $1, $free MiB are free"
}

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Prints a free port below the range that the kernel gives to outgoing connections.
free_port() {
  local port tries
  for ((tries = 0; tries < 100; tries++)); do
    port=$((20000 + RANDOM % 12000))
    if ! port_taken "$port"; then
      echo "$port"
      return
    fi
  done
  die "no free port found on 127.0.0.1"
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# --- Debian packages ----------------------------------------------------------------------------------

# Prints those of the named packages that are not installed.
missing_packages() {
  local installed name
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for name in "$@"; do
    grep -qxF "$name installed" <<<"$installed" || echo "$name"
  done
}

# A service that a package brings must not start: what is needed is started by these scripts. Debian asks
# this file before it starts one.
hold_services() {
  [[ ! -e /usr/sbin/policy-rc.d ]] || return 0
  printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
  as_root chmod +x /usr/sbin/policy-rc.d
  on_exit as_root rm -f /usr/sbin/policy-rc.d
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get -q \
    -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300 \
    -o Acquire::Retries=2 -o Acquire::http::Timeout=20 "$@"
}

explain_apt_failure() { # LOG MISSING...
  local log=$1 why
  shift
  if grep -q 'No space left' "$log"; then
    why="no disk"
  elif grep -qE 'Temporary failure|Could not (resolve|connect)|Network is unreachable|timed out' "$log"; then
    why="no network to the Debian mirror"
  elif grep -qE 'Unable to locate|no installation candidate' "$log"; then
    why="these are packages of Debian 12 and this system does not have them"
  else
    tail -n 15 "$log" >&2
    why="apt-get failed"
  fi
  die "$why; missing: $* (log: $log)"
}

# Installs those of the named packages that are missing. Asks the network only then.
install_packages() {
  if [[ -n ${SOUK_SKIP_PACKAGES:-} ]]; then return 0; fi
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "this is no Debian system: install what scripts/lib.sh lists, then set SOUK_SKIP_PACKAGES=1"
  fi
  local missing log old_boost
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "neither root nor sudo; as root: apt-get install ${missing[*]}"
    sudo -v || die "sudo refused; as root: apt-get install ${missing[*]}"
  fi
  need_disk /usr 1500 "installing Debian packages"
  step "installing Debian packages: ${missing[*]}"
  old_boost=$(missing_packages libboost1.74-dev)
  if [[ -z $old_boost && " ${missing[*]} " == *" libboost1.81-dev "* ]]; then
    warn "apt replaces libboost1.74-dev by libboost1.81-dev: they conflict, and Beast 1.81 is needed"
  fi
  log=$(mktemp "${TMPDIR:-/tmp}/souk-apt.XXXXXX")
  hold_services
  if [[ " ${missing[*]} " == *" postgresql-15 "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    # No server of the system's own: the scripts start private ones.
    as_root mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  apt_get update >"$log" 2>&1 || true
  apt_get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 ||
    explain_apt_failure "$log" "${missing[@]}"
  if [[ " ${missing[*]} " == *" nginx-light "* && -d /run/systemd/system ]]; then
    as_root systemctl disable nginx >>"$log" 2>&1 || true # wanted as a program, not as a service
  fi
  rm -f "$log"
}

# --- npm packages ---------------------------------------------------------------------------------------

# npm_packages SOURCE NAME: what SOURCE/package-lock.json names, with these very checksums, in
# build/NAME/node_modules; the network is asked only when the lock has changed. No package's own scripts
# run. Fails when npm does.
npm_packages() {
  local from=$root/$1 to=$root/build/$2
  if cmp -s "$from/package-lock.json" "$to/.complete"; then return 0; fi
  mkdir -p "$to"
  need_disk "$to" 300 "npm packages"
  step "fetching npm packages of $1"
  rm -f "$to/.complete"
  cp "$from/package.json" "$from/package-lock.json" "$to/"
  (cd "$to" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --prefer-offline \
    --fetch-retries 2 --fetch-retry-mintimeout 1000 --fetch-retry-maxtimeout 5000 \
    --fetch-timeout 60000 8>&-) </dev/null >"$to/npm.log" 2>&1 || return 1
  cp "$from/package-lock.json" "$to/.complete"
}

# --- building -------------------------------------------------------------------------------------------

# The directory that a preset of CMakePresets.json builds in.
build_dir() {
  if [[ $1 == release ]]; then echo "$root/build"; else echo "$root/build/$1"; fi
}

# build PRESET TARGET [CMAKE OPTION...]: configures and builds; quick when nothing changed. One at a time
# in one checkout.
build() {
  local preset=$1 target=$2 dir fresh=() need=3000
  shift 2
  dir=$(build_dir "$preset")
  [[ ! -e $dir/build.ninja ]] || need=500
  mkdir -p "$dir"
  need_disk "$dir" "$need" "building"
  if [[ -e $dir/CMakeCache.txt ]] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$dir/CMakeCache.txt"; then
    fresh=(--fresh) # the checkout was moved or copied
  fi
  step "building $target ($preset) in ${dir#"$root"/}"
  exec 8>"$root/build/.lock"
  if ! flock -n 8; then
    step "waiting for another build in this checkout"
    flock 8
  fi
  # A server without its page at /docs is better than none.
  npm_packages scripts/web web || warn "npm failed (build/web/npm.log): the page at /docs is left out"
  (cd "$root" && cmake --preset "$preset" "${fresh[@]}" "$@" 8>&-) >"$dir/configure.log" 2>&1 || {
    cat "$dir/configure.log" >&2
    die "cmake could not configure the $preset preset"
  }
  on_exit stop_child 10 # the shell hears of a signal only while it waits
  start_child cmake --build "$dir" --target "$target" --parallel "$(nproc)" 8>&-
  wait "$child" || die "the $preset build failed"
  child=''
  exec 8>&-
}

# --- a private PostgreSQL ---------------------------------------------------------------------------------
# One per script. It listens on 127.0.0.1 alone, on a free port, and trusts who connects, so it is for
# trying and testing. fsync, synchronous_commit and the like stay at their defaults: durability is what is
# tested and measured.

pg_bin=/usr/lib/postgresql/15/bin
pg_user='' # the OS user that it runs as, when that is another one: PostgreSQL refuses to run as root
if ((EUID == 0)); then pg_user=postgres; fi
pg_data='' pg_port='' pg_url='' pg_sockets=''

# Runs a command as PostgreSQL's OS user.
as_postgres() {
  if [[ -n $pg_user ]]; then
    (cd / && exec runuser -u "$pg_user" -- "$@")
  else
    "$@"
  fi
}

# pg_place DIRECTORY: prints it, or, where PostgreSQL's OS user cannot enter it (a checkout in root's home),
# a directory in that user's home, the same one each time.
pg_place() {
  local parent
  parent=$(dirname "$1")
  mkdir -p "$parent"
  if [[ -z $pg_user ]] || as_postgres test -x "$parent" 2>/dev/null; then
    echo "$1"
  else
    echo "/var/lib/postgresql/souk-$(cksum <<<"$1" | cut -d ' ' -f 1)"
  fi
}

pg_running() { as_postgres "$pg_bin/pg_ctl" status -D "$1" >/dev/null 2>&1; }

# Makes the data directory if there is none: superuser `souk`, no password.
pg_init() {
  local dir=$1 owner
  mkdir -p "$dir"
  owner=$(stat -c %U "$dir")
  if [[ ! -e $dir/PG_VERSION && -n $pg_user ]]; then
    chown "$pg_user" "$dir"
  elif [[ $owner != "${pg_user:-$(id -un)}" ]]; then
    die "$dir belongs to $owner: it was made by another user, who can start it; or remove it"
  fi
  chmod 700 "$dir"
  as_postgres test -w "$dir" || die "user ${pg_user:-$(id -un)} cannot enter $dir"
  if ! as_postgres test -e "$dir/PG_VERSION"; then
    step "making a PostgreSQL data directory in $dir"
    as_postgres "$pg_bin/initdb" -D "$dir" -U souk -A trust -E UTF8 --locale=C.UTF-8 \
      >"$pg_sockets/initdb.log" 2>&1 || {
      cat "$pg_sockets/initdb.log" >&2
      die "initdb failed in $dir"
    }
    echo "include_if_exists 'souk.conf'" | as_postgres tee -a "$dir/postgresql.conf" >/dev/null
  elif [[ $(as_postgres cat "$dir/PG_VERSION") != 15 ]]; then
    die "$dir was made by PostgreSQL $(as_postgres cat "$dir/PG_VERSION"), and this is 15"
  fi
}

# pg_start DIRECTORY [SETTING...]: starts a server on that data directory (made if need be) and sets
# pg_data, pg_port, pg_url; it is stopped when the script ends. A SETTING is a line of postgresql.conf, such
# as "shared_preload_libraries = 'pg_stat_statements'". All settings stand in files, so that a plain
# `pg_ctl start -D DIRECTORY` brings the same server back.
pg_start() {
  local dir=$1 tries
  shift
  [[ -x $pg_bin/postgres ]] || die "PostgreSQL 15 is not installed in $pg_bin"
  unset PGDATA PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGDATABASE PGOPTIONS PGSERVICE
  pg_sockets=$(mktemp -d /tmp/souk-pg.XXXXXX) # short: a socket's path has at most 107 bytes
  on_exit rm -rf "$pg_sockets"
  [[ -z $pg_user ]] || chown "$pg_user" "$pg_sockets"
  pg_init "$dir"
  if pg_running "$dir"; then
    step "stopping a PostgreSQL that was left running on $dir"
    as_postgres "$pg_bin/pg_ctl" stop -D "$dir" -m fast -w >/dev/null
  fi
  pg_data=$dir
  on_exit pg_stop
  for ((tries = 0; tries < 5; tries++)); do
    pg_port=$(free_port)
    printf '%s\n' "listen_addresses = '127.0.0.1'" "port = $pg_port" \
      "unix_socket_directories = '$pg_sockets'" "$@" | as_postgres tee "$dir/souk.conf" >/dev/null
    if as_postgres "$pg_bin/pg_ctl" start -D "$dir" -w -t 60 -l "$dir/server.log" \
      </dev/null >/dev/null 2>&1 8>&- 9>&-; then
      break
    fi
  done
  if ! pg_running "$dir"; then
    as_postgres tail -n 10 "$dir/server.log" >&2 || true
    die "PostgreSQL did not start on $dir"
  fi
  pg_url=postgresql://souk@127.0.0.1:$pg_port/souk
  if [[ -z $(pg_sql postgres "select 1 from pg_database where datname = 'souk'") ]]; then
    pg_sql postgres 'create database souk' >/dev/null
  fi
}

# pg_sql DATABASE STATEMENT: prints the bare result.
pg_sql() {
  "$pg_bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "postgresql://souk@127.0.0.1:$pg_port/$1" -c "$2"
}

# Stops the server that pg_start started, and no other.
pg_stop() {
  [[ -n $pg_data ]] || return 0
  if pg_running "$pg_data"; then
    as_postgres "$pg_bin/pg_ctl" stop -D "$pg_data" -m fast -w -t 60 >/dev/null 2>&1 ||
      as_postgres "$pg_bin/pg_ctl" stop -D "$pg_data" -m immediate -w -t 20 >/dev/null 2>&1 ||
      warn "PostgreSQL on $pg_data did not stop"
  fi
  pg_data=''
}
