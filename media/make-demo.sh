#!/usr/bin/env bash
# Makes media/demo.mp4: one minute that shows playback at a glance and fits in the repository (at most 2 MB).
# H.264 High and AAC, a keyframe every 2 s exactly, so that it is cut into chunks of 2 s without transcoding.
set -euo pipefail
cd "$(dirname "$0")"
width=854 height=480 fps=25 seconds=60
. ./picture.sh

ffmpeg -v warning -y -filter_complex "${picture}[v];${sound}[a]" -map '[v]' -map '[a]' \
  -c:v libx264 -profile:v high -preset veryslow -b:v 195k -maxrate 400k -bufsize 800k \
  -g $((fps * 2)) -keyint_min $((fps * 2)) -sc_threshold 0 -x264-params open-gop=0 \
  -c:a aac -b:a 56k -ac 2 -movflags +faststart -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
  -t "$seconds" demo.mp4
ls -l demo.mp4
