#!/bin/sh
# Finds Chromium, or installs it with a CJK font where packages can be installed without asking.
set -u
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome chrome; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "安装 installing: chromium, fonts-noto-cjk"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq chromium fonts-noto-cjk >/dev/null && exit 0
fi
echo "没有找到 Chromium，页面测试将跳过（CI 中为失败）。No Chromium found: page tests skip (in CI they fail)."
echo "处理 remedy: apt-get install chromium fonts-noto-cjk, 或设置 or set CHROMIUM=/path/to/chrome"
[ -z "${CI:-}" ]
