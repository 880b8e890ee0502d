# Helpers of the recipes: where the archive is, how a file is fetched and verified.
#
# Nothing here names an archive host. The addresses are those that the host's own apt is set to,
# so that a team behind a mirror stays on its mirror. FAIRLEAD_ARCHIVES (space-separated URLs) is
# tried before them, FAIRLEAD_FILES (a folder of files named by SHA-256) before any network.
# apt's own configuration and state are never touched: lists and downloads lie in the cache.
#
# SPDX-License-Identifier: GPL-2.0-or-later
cache=${FAIRLEAD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fairlead}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '   [parts] %s\n' "$*" >&2; }
die() { printf 'fairlead: %s\n' "$*" >&2; exit 1; }

# Runs a long command; its output goes to the log, a sign of life every 15 s to the user.
# `step_total FILE-PATTERN` style counters are not worth their lines: the log's length is shown.
step() { # sentence, command...
	local sentence=$1 pid started=$SECONDS next=15
	shift
	say "$part: $sentence"
	"$@" >>"$log" 2>&1 &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.5
		if [ $((SECONDS - started)) -ge $next ]; then
			say "$part: $sentence ... $((SECONDS - started)) s, $(grep -c . "$log") lines of log"
			next=$((next + 15))
		fi
	done
	wait "$pid"
}

jobs_n() { nproc; }

# --- where the archive is ------------------------------------------------------------------------

archive_sites() { # main|security -> base URLs, best first
	local kind=$1 url
	{
		for url in ${FAIRLEAD_ARCHIVES:-}; do echo "$url"; done
		apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
			sort -u | while read -r codename url; do
			case "$kind:$codename" in
			security:*-security) echo "$url" ;;
			main:*-security) ;;
			main:*) echo "$url" ;;
			esac
		done
		apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
			awk -v kind="$kind" '$1 ~ /^(bookworm|trixie)(-updates)?$/ && kind == "main" { print $2 }
				$1 ~ /^(bookworm|trixie)-security$/ && kind == "security" { print $2 }'
		# a host without a security line: the same mirror usually carries it beside the main one
		[ "$kind" = main ] || archive_sites main | sed -n 's,/debian/*$,/debian-security/,p'
	} | sed 's,/*$,,' | awk '!seen[$0]++'
}

# --- fetching ------------------------------------------------------------------------------------

verified() { [ -f "$2" ] && [ "$(sha256sum <"$2" | cut -d' ' -f1)" = "$1" ]; }

# Fetches one file by its SHA-256 and prints its path in the cache. Each further argument is a place,
# `main:PATH` or `security:PATH` below the archive; they are tried in order, on every known site.
fetch() { # sha256 place...
	local sha=$1 place site url tried="" target="$cache/files/$1"
	shift
	mkdir -p "$cache/files"
	if verified "$sha" "$target"; then
		echo "$target"
		return
	fi
	if [ -n "${FAIRLEAD_FILES:-}" ] && verified "$sha" "$FAIRLEAD_FILES/$sha"; then
		cp "$FAIRLEAD_FILES/$sha" "$target"
		echo "$target"
		return
	fi
	for place in "$@"; do
		for site in $(archive_sites "${place%%:*}"); do
			url="$site/${place#*:}"
			tried="$tried
   $url"
			rm -f "$target.part"
			if /usr/lib/apt/apt-helper -o APT::Sandbox::User=root -o Acquire::Retries=2 \
				download-file "$url" "$target.part" "SHA256:$sha" >>"$log" 2>&1 &&
				verified "$sha" "$target.part"; then
				mv "$target.part" "$target"
				echo "$target"
				return
			fi
		done
	done
	say "no place has the file with SHA-256 $sha; tried:$tried
   A copy named by that SHA-256 in a folder that FAIRLEAD_FILES names is taken too."
	return 1
}

# apt-get on the Debian release `$1` alone, with lists, state and downloads of its own.
private_apt() { # release apt-get-arguments...
	local release=$1 dir="$cache/apt/$1"
	shift
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	{
		local site
		for site in $(archive_sites main | head -n 1); do
			printf 'Types: deb\nURIs: %s\nSuites: %s %s-updates\nComponents: main\nSigned-By: %s\n\n' \
				"$site" "$release" "$release" "$keyring"
		done
		for site in $(archive_sites security | head -n 1); do
			printf 'Types: deb\nURIs: %s\nSuites: %s-security\nComponents: main\nSigned-By: %s\n\n' \
				"$site" "$release" "$keyring"
		done
	} >"$dir/list.sources"
	flock "$dir/lock" apt-get -q -o Dir::Etc::sourcelist="$dir/list.sources" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$dir/lists" -o Dir::State::status=/dev/null \
		-o Dir::Cache="$dir" -o Dir::Cache::archives="$dir/archives" \
		-o APT::Install-Recommends=0 -o APT::Sandbox::User=root -o Debug::NoLocking=1 \
		-o Acquire::Retries=3 -o Acquire::Check-Valid-Until=false "$@"
}

# Unpacks a Debian source package: upstream tarball and debian folder, with its patch series applied.
unpack_debian() { # folder orig-tarball debian-tarball
	local dir=$1 orig=$2 debian=$3 patch
	mkdir -p "$dir"
	tar -xf "$orig" -C "$dir" --strip-components=1
	tar -xf "$debian" -C "$dir"
	sed 's/[[:space:]]*#.*//; /^[[:space:]]*$/d' "$dir/debian/patches/series" | while read -r patch _; do
		patch -d "$dir" -p1 -s --no-backup-if-mismatch <"$dir/debian/patches/$patch"
	done
}
