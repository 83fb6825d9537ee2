# Sourced by scripts/test-containers.sh: debian:bookworm-slim, made of Debian's packages, since no image is pulled here.
# shellcheck shell=bash

base=debian:bookworm-slim

make_base() {
    local tree=$containers/base mirror
    if "$docker" image inspect "$base" >/dev/null 2>&1; then return 0; fi
    say "Making $base with debootstrap ..."
    mirror=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null |
        sed -n 's/^URIs: *//p; s/^deb \([^[ ]*\) .*/\1/p' | head -n 1 || true)
    rm -rf "$tree"
    # shellcheck disable=SC2086 # no mirror is no argument: debootstrap then takes its own.
    debootstrap --variant=minbase bookworm "$tree" $mirror >"$containers/debootstrap.log" 2>&1 ||
        { tail -n 20 "$containers/debootstrap.log" >&2; die "debootstrap failed."; }
    # What makes the official image slim: no documentation, and no package stays behind that apt has installed.
    rm -rf "$tree"/var/cache/apt/*.bin "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/* \
        "$tree"/usr/share/{doc,info,man,locale}/* "$tree"/var/log/*
    printf 'path-exclude /usr/share/%s/*\n' doc info man locale >"$tree/etc/dpkg/dpkg.cfg.d/slim"
    cat >"$tree/etc/apt/apt.conf.d/docker-clean" <<'CLEAN'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
CLEAN
    tar -C "$tree" -c . | "$docker" import --change 'CMD ["bash"]' - "$base" >/dev/null
    rm -rf "$tree"
}
