#!/bin/sh
# Finds Chromium, and pdftotext for what is printed, or installs them with a CJK font where packages
# can be installed without asking.
set -u
browser=
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome chrome; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && browser=$name && break
done
[ -n "$browser" ] && command -v pdftotext >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    wanted=poppler-utils
    [ -n "$browser" ] || wanted="chromium fonts-noto-cjk $wanted"
    echo "安装 installing: $wanted"
    # shellcheck disable=SC2086
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $wanted >/dev/null && exit 0
fi
[ -n "$browser" ] || echo "没有找到 Chromium，页面测试将跳过（CI 中为失败）。No Chromium found: page tests skip (in CI they fail)."
echo "没有找到 pdftotext，打印测试可能跳过（CI 中为失败）。Without pdftotext tests of print skip (in CI they fail)."
echo "处理 remedy: apt-get install chromium fonts-noto-cjk poppler-utils, 或设置 or set CHROMIUM=/path/to/chrome"
[ -z "${CI:-}" ]
