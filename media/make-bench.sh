#!/usr/bin/env bash
# Makes media/bench.mp4: one minute at a steady 1.1 Mbit/s, the stream the benchmarks use. The picture of the demo would
# not need that much, so film grain is added until the encoder spends it. Not kept in the repository.
set -euo pipefail
cd "$(dirname "$0")"
width=854 height=480 fps=25 seconds=60
. ./picture.sh

ffmpeg -v warning -y -filter_complex "${picture},noise=alls=14:allf=t:all_seed=1[v];${sound}[a]" -map '[v]' -map '[a]' \
  -c:v libx264 -profile:v high -preset fast -b:v 1090k -minrate 1090k -maxrate 1090k -bufsize 1090k \
  -g $((fps * 2)) -keyint_min $((fps * 2)) -sc_threshold 0 -x264-params open-gop=0 \
  -c:a aac -b:a 96k -ac 2 -movflags +faststart -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
  -t "$seconds" bench.mp4
ls -l bench.mp4
