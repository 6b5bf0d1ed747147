// Lays one half of the picture over the other, left to right, top to bottom, or both.
uniform sampler2D picture;  // the chain so far
uniform float across;       //! 0..1 = 1 · from 0.5 up the left half is mirrored to the right
uniform float down;         //! 0..1 = 0 · from 0.5 up the upper half is mirrored below
uniform float shift;        //! -0.5..0.5 = 0 · which part of the picture stands at the seam

in vec2 uv;
out vec4 colour;

void main() {
    vec2 folded = 0.5 - abs(uv - 0.5) + shift * vec2(1.0, 0.6);
    vec2 at = mix(uv, folded, step(0.5, vec2(across, down)));
    colour = texture(picture, 1.0 - abs(mod(at, 2.0) - 1.0));
}
