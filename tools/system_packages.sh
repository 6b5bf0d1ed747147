#!/bin/sh
# Installs the system packages that the app needs (with "test": also those of the tests) on
# Debian and Ubuntu. With neither root nor password-less sudo it prints the line to type.
set -eu

packages="python3-venv libegl1 libgl1 libglx0 libegl-mesa0 libgl1-mesa-dri libfontconfig1
  libfreetype6 libdbus-1-3 libx11-xcb1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4
  libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-util1
  libxcb-xkb1 libxrandr2 libxi6 libxcursor1 libxinerama1 libwayland-cursor0 libportaudio2
  libasound2-plugins"
[ "${1:-}" = test ] && packages="$packages xvfb pulseaudio pulseaudio-utils
  xserver-xorg-core xserver-xorg-video-dummy x11-xserver-utils openbox dbus"

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "This is not Debian or Ubuntu: please see that OpenGL, PortAudio and the XCB libraries are installed."
  exit 0
fi

missing=""
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root="sudo"
else
  echo "Some system packages are missing. Please type this, then try again:"
  echo "  sudo apt-get update && sudo apt-get install --no-install-recommends$missing"
  exit 1
fi
echo "Installing system packages:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -qq -y --no-install-recommends $missing >/dev/null
