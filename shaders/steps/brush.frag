// Paints the picture again in strokes that follow its forms, thick enough to catch the light.
uniform sampler2D picture;  // the chain so far
uniform vec2 texel;         // size of one pixel of what is read, 0..1 over the output
uniform float aspect;       // width / height of the output
uniform float time;         // seconds
uniform float fine;         //! 60..400 = 190 · how many bristles there are from top to bottom
uniform float reach;        //! 0..0.06 = 0.022 · how long strokes are, in heights of the output
uniform float spread;       //! 0.004..0.06 = 0.03 · how large the forms are that strokes follow, in heights
uniform float relief;       //! 0..1 = 0.35 · how much light the paint catches
uniform float smear;        //! 0..1 = 0.5 · how far colours are drawn out along the strokes
uniform float pace;         //! 0..8 /s = 0 · how often the bristles are laid anew; 0 never

in vec2 uv;
out vec4 colour;

const vec3 LUMA = vec3(0.30, 0.59, 0.11);
const int TAPS = 4;  // to either side along a stroke

float grey(vec2 at) { return dot(texture(picture, at).rgb, LUMA); }

// Value noise: smooth enough not to flicker when the picture moves under it.
float chance(vec2 cell) {
    vec3 p = fract(vec3(cell.xyx) * 0.1031 + floor(time * pace) * 0.37);
    p += dot(p, p.yzx + 33.33);
    return fract((p.x + p.y) * p.z);
}

float bristles(vec2 at) {
    vec2 p = at * fine, cell = floor(p), t = smoothstep(0.0, 1.0, p - cell);
    float top = mix(chance(cell), chance(cell + vec2(1.0, 0.0)), t.x);
    float below = mix(chance(cell + vec2(0.0, 1.0)), chance(cell + vec2(1.0, 1.0)), t.x);
    return mix(top, below, t.y) - 0.5;
}

void main() {
    vec2 height = vec2(1.0 / aspect, 1.0);  // one height of the output, in texture coordinates
    vec2 s = spread * height;
    // Sobel's slope over forms, not over pixels.
    float nw = grey(uv - s), ne = grey(uv + vec2(s.x, -s.y)), sw = grey(uv + vec2(-s.x, s.y)), se = grey(uv + s);
    float n = grey(uv - vec2(0.0, s.y)), e = grey(uv + vec2(s.x, 0.0));
    float w = grey(uv - vec2(s.x, 0.0)), o = grey(uv + vec2(0.0, s.y));
    vec2 slope = vec2(ne + 2.0 * e + se - nw - 2.0 * w - sw, sw + 2.0 * o + se - nw - 2.0 * n - ne);
    // Where nothing rises strokes lean as a right hand would lay them.
    slope += 0.08 * vec2(0.6, 0.8);
    vec2 along = normalize(vec2(-slope.y, slope.x));
    vec2 p = uv / height;
    float paint = 0.0;
    vec3 drawn = vec3(0.0);
    for (int k = -TAPS; k <= TAPS; k++) {
        vec2 q = p + along * (reach * float(k) / float(TAPS));
        paint += bristles(q);
        if (k == -TAPS || k == 0 || k == TAPS) drawn += texture(picture, q * height).rgb / 3.0;
    }
    paint *= 2.0 / sqrt(float(2 * TAPS + 1));
    vec3 c = mix(texture(picture, uv).rgb, drawn, smear);
    // Paint is thicker where it is light, and shadows are thin.
    float body = 0.35 + 0.65 * dot(c, LUMA);
    colour = vec4(clamp(c * (1.0 + relief * body * paint), 0.0, 1.0), 1.0);
}
