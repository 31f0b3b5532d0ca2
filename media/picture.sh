# The picture and the sound that both clips show; sourced by make-demo.sh and make-bench.sh.
# A sun crossing over moving waves, a time code and a frame counter burnt in, so that a screenshot tells exactly which
# frame is shown; a tone that changes its pitch every second, so that a jump can be heard too.
# Expects: width, height, fps, seconds. Sets: picture, sound (lavfi graphs).

# Everything that moves is drawn once, by a slow expression, and then slid about, which costs next to nothing.
still() { # width height pixel-format geq-arguments
  printf 'color=c=black:s=%sx%s:r=%s:d=1,trim=end_frame=1,format=%s,geq=%s,loop=loop=-1:size=1,setpts=N/FRAME_RATE/TB' "$1" "$2" "$fps" "$3" "$4"
}

# A wave two screens wide that repeats after one, so that it can slide on for ever, and a little taller, to bob. Its edge is softened over 2 pixels.
wave() { # red green blue top amplitude swells ripples
  local edge="$4+$5*(1+sin(2*PI*$6*X/$width)+sin(2*PI*$7*X/$width+2)/3)"
  still $((width * 2)) $((height + 16)) gbrap "r=$1:g=$2:b=$3:a='255*clip((Y-$edge)/2+0.5,0,1)'"
}

text() { # weight size x y text
  printf "drawtext=fontfile='%s':fontsize=%s:fontcolor=white@0.95:shadowcolor=black@0.5:shadowx=2:shadowy=2:x=%s:y=%s:text='%s'" \
    "$(fc-match -f '%{file}' "DejaVu Sans Mono:$1")" "$2" "$3" "$4" "$5"
}

sky_ramp='pow(clip(Y/(H*0.62),0,1),1.4)'
sun_size=$((height * 7 / 10))
sun_distance="hypot(X-W/2,Y-H/2)"

picture="$(still "$width" "$height" gbrp "r='44+206*$sky_ramp':g='48+130*$sky_ramp':b='104+28*$sky_ramp'")[sky];\
$(still "$sun_size" "$sun_size" gbrap "r=255:g=238:b=206:a='255*max(clip((W*0.15-$sun_distance)/2+0.5,0,1),0.6*exp(-max($sun_distance-W*0.15,0)/(W*0.11))*clip((W/2-$sun_distance)/(W*0.2),0,1))'")[sun];\
$(wave 58 134 150 $((height * 56 / 100)) 9 3 7)[wave1];\
$(wave 38 100 128 $((height * 65 / 100)) 12 2 5)[wave2];\
$(wave 24 70 102 $((height * 75 / 100)) 15 2 5)[wave3];\
$(wave 13 44 74 $((height * 85 / 100)) 17 1 4)[wave4];\
[sky][sun]overlay=format=gbrp:x='W*(0.1+0.8*t/$seconds)-w/2':y='H*(0.5-0.27*sin(PI*t/$seconds))-h/2'[m0];\
[m0][wave1]overlay=format=gbrp:x='-mod(18*t,W)':y='3*sin(1.1*t)'[m1];\
[m1][wave2]overlay=format=gbrp:x='mod(27*t,W)-W':y='4*sin(0.9*t+1)'[m2];\
[m2][wave3]overlay=format=gbrp:x='-mod(40*t,W)':y='4*sin(1.3*t+2)'[m3];\
[m3][wave4]overlay=format=gbrp:x='mod(60*t,W)-W':y='-5+5*sin(1.2*t+3)',trim=duration=$seconds,format=yuv420p,\
$(text bold 44 0 20 '%{pts\:hms}'),$(text regular 24 26 76 'frame %{frame_num}'),$(text bold 24 w-tw-24 28 Tributary)"

# Plucked notes of a five-tone scale, one a second, wandering between left and right.
note='220*pow(2,floor(2.4*mod(7*floor(t),11)+0.4)/12)'
pluck="0.22*min(1,60*mod(t,1))*exp(-2.2*mod(t,1))*(sin(2*PI*t*$note)+0.35*sin(4*PI*t*$note)+0.12*sin(6*PI*t*$note))"
sound="aevalsrc='$pluck*(0.75+0.25*sin(PI*t/5))|$pluck*(0.75-0.25*sin(PI*t/5))':s=48000:d=${seconds}"
