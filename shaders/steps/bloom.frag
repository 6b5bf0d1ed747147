// Light that spills over the edges of what is bright.
//
// Dual filtering after M. Bjorge, "Bandwidth-efficient rendering", SIGGRAPH 2015: five taps on the
// way down, eight on the way up, all on a quarter of the size and less.
//! pass BRIGHT 1/4
//! pass DOWN 1/8
//! pass DEEPER 1/16
//! pass UP 1/8
//! pass HIGHER 1/4
//! pass LAY 1
uniform sampler2D picture;  // the chain so far
uniform sampler2D before;   // what the pass before this one drew
uniform vec2 texel;         // size of one pixel of what is read, 0..1 over the output
uniform float strength;     //! 0..3 = 0.7 · how much light is laid over the picture
uniform float threshold;    //! 0..1 = 0.45 · what is darker gives no light
uniform float spread;       //! 0.5..2.5 = 1.4 · how far the light reaches

in vec2 uv;
out vec4 colour;

vec3 at(sampler2D from, float x, float y) {
    return texture(from, uv + vec2(x, y) * texel).rgb;
}

void main() {
#if defined(BRIGHT)
    vec3 c = 0.25 * (at(picture, -1.0, -1.0) + at(picture, 1.0, -1.0)
                   + at(picture, -1.0, 1.0) + at(picture, 1.0, 1.0));
    float most = max(c.r, max(c.g, c.b));
    float over = max(most - threshold, 0.0) / max(1.0 - threshold, 0.05);
    over *= over;  // wide bright areas would wash out; edges and points still glow
    colour = vec4(c * over, 1.0);
#elif defined(DOWN) || defined(DEEPER)
    float s = spread;
    vec3 c = 4.0 * at(before, 0.0, 0.0) + at(before, -s, -s) + at(before, s, -s)
           + at(before, -s, s) + at(before, s, s);
    colour = vec4(c / 8.0, 1.0);
#elif defined(UP) || defined(HIGHER)
    float s = 0.5 * spread;
    vec3 c = at(before, -2.0 * s, 0.0) + at(before, 2.0 * s, 0.0)
           + at(before, 0.0, -2.0 * s) + at(before, 0.0, 2.0 * s)
           + 2.0 * (at(before, -s, -s) + at(before, s, -s) + at(before, -s, s) + at(before, s, s));
    colour = vec4(c / 12.0, 1.0);
#else
    vec3 c = texture(picture, uv).rgb;
    vec3 glow = min(strength * texture(before, uv).rgb, 1.0);
    colour = vec4(c + glow * (1.0 - c), 1.0);  // never burns out
#endif
}
