// What the flash limiter lets through: in linear light, so that luminance mixes as it was measured.
uniform sampler2D proposed;  // what would be shown
uniform sampler2D shown;     // what is shown
uniform sampler2D share;     // 0 stays as shown .. 1 changes wholly

in vec2 uv;
out vec4 colour;

vec3 linear(vec3 c) {
    return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c));
}

vec3 encoded(vec3 c) {
    return mix(c * 12.92, 1.055 * pow(c, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, c));
}

void main() {
    vec3 before = linear(texture(shown, uv).rgb);
    vec3 after = linear(texture(proposed, uv).rgb);
    colour = vec4(encoded(mix(before, after, texture(share, uv).r)), 1.0);
}
