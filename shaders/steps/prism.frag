// Splits colours away from the middle, as cheap glass does.
uniform sampler2D picture;  // the chain so far
uniform float spread;       //! 0..5 % = 0.6 · how far red and blue part at the rim

in vec2 uv;
out vec4 colour;

void main() {
    vec2 off = (uv - 0.5) * spread * 0.02;
    float r = texture(picture, uv - off).r;
    float g = texture(picture, uv).g;
    float b = texture(picture, uv + off).b;
    colour = vec4(r, g, b, 1.0);
}
