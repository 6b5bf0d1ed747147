// The first step of every look: fit, resample, mix with the picture before, answer the pulse.
//
// Chosen when compiled, because a branch on a uniform costs a software rasteriser several times more:
//   FIT_MIRROR | FIT_INSIDE | FIT_CROP   how a square fills the output
//   BICUBIC                              Catmull-Rom instead of bilinear
//   CROSSFADE                            mix with the previous picture
uniform sampler2D frame;     // newest picture, first row on top
#ifdef CROSSFADE
uniform sampler2D previous;  // the picture before it
uniform float crossfade;     // 0 previous .. 1 newest
#endif
uniform float saturation;    //! 0..2 = 1 · 1 leaves colours as they are
uniform float lift;          //! 0..0.3 = 0 · raises the mid-tones; black and white stay

// A generator's outermost pixels suffer from zero padding; mirrored they would be a line.
const float EDGE = 0.015;

in vec2 still;
in vec2 place;
out vec4 colour;

#ifdef BICUBIC
// Catmull-Rom from nine bilinear fetches: the two inner weights of each axis share one fetch.
vec3 pick(sampler2D picture, vec2 at) {
    vec2 size = vec2(textureSize(picture, 0));
    vec2 pixel = at * size;
    vec2 centre = floor(pixel - 0.5) + 0.5;
    vec2 f = pixel - centre;
    vec2 w0 = f * (-0.5 + f * (1.0 - 0.5 * f));
    vec2 w1 = 1.0 + f * f * (1.5 * f - 2.5);
    vec2 w2 = f * (0.5 + f * (2.0 - 1.5 * f));
    vec2 w3 = f * f * (0.5 * f - 0.5);
    vec2 inner = w1 + w2;
    vec2 p0 = (centre - 1.0) / size;
    vec2 p1 = (centre + w2 / inner) / size;
    vec2 p3 = (centre + 2.0) / size;
    vec3 sum = texture(picture, vec2(p0.x, p0.y)).rgb * w0.x * w0.y
             + texture(picture, vec2(p1.x, p0.y)).rgb * inner.x * w0.y
             + texture(picture, vec2(p3.x, p0.y)).rgb * w3.x * w0.y
             + texture(picture, vec2(p0.x, p1.y)).rgb * w0.x * inner.y
             + texture(picture, vec2(p1.x, p1.y)).rgb * inner.x * inner.y
             + texture(picture, vec2(p3.x, p1.y)).rgb * w3.x * inner.y
             + texture(picture, vec2(p0.x, p3.y)).rgb * w0.x * w3.y
             + texture(picture, vec2(p1.x, p3.y)).rgb * inner.x * w3.y
             + texture(picture, vec2(p3.x, p3.y)).rgb * w3.x * w3.y;
    return clamp(sum, 0.0, 1.0);
}
#else
vec3 pick(sampler2D picture, vec2 at) {
    return texture(picture, at).rgb;
}
#endif

void main() {
    vec2 at = 1.0 - abs(mod(place, 2.0) - 1.0);  // every second picture is turned round
#ifdef FIT_MIRROR
    at = EDGE + at * (1.0 - 2.0 * EDGE);
#endif
    vec3 c = pick(frame, at);
#ifdef CROSSFADE
    c = mix(pick(previous, at), c, crossfade);
#endif
    float grey = dot(c, vec3(0.2126, 0.7152, 0.0722));
    c = mix(vec3(grey), c, saturation);
    c += lift * c * (1.0 - c);
#ifdef FIT_INSIDE
    c *= float(all(equal(still, clamp(still, 0.0, 1.0))));  // black bars
#endif
    colour = vec4(c, 1.0);
}
