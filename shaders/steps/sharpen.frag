// Sharpens what enlarging made soft, as far as the neighbours allow and no further: no halos.
//
// After "robust contrast adaptive sharpening" in AMD FidelityFX FSR 1 (T. Lottes, MIT): the weight
// of the four neighbours is the largest that cannot leave the range they span.
uniform sampler2D picture;  // the chain so far
uniform vec2 texel;         // size of one pixel of what is read, 0..1 over the output
uniform float amount;       //! 0..1 = 0.7 · 0 leaves the picture, 1 is as sharp as it gets
uniform float reach;        //! 0.5..3 px = 1 · fine grain or broader detail

in vec2 uv;
out vec4 colour;

void main() {
    vec2 step = texel * reach;
    vec3 c = texture(picture, uv).rgb;
    vec3 n = texture(picture, uv - vec2(0.0, step.y)).rgb;
    vec3 s = texture(picture, uv + vec2(0.0, step.y)).rgb;
    vec3 w = texture(picture, uv - vec2(step.x, 0.0)).rgb;
    vec3 e = texture(picture, uv + vec2(step.x, 0.0)).rgb;
    vec3 low = min(min(n, s), min(w, e));
    vec3 high = max(max(n, s), max(w, e));
    vec3 down = -low / max(4.0 * high, 1e-4);
    vec3 up = (1.0 - high) / min(4.0 * low - 4.0, -1e-4);
    vec3 each = max(down, up);  // both are negative; the one nearer to 0 binds
    float lobe = amount * max(-0.1875, min(max(each.r, max(each.g, each.b)), 0.0));
    c = (lobe * (n + s + w + e) + c) / (4.0 * lobe + 1.0);
    colour = vec4(clamp(c, 0.0, 1.0), 1.0);
}
