// The status line, pixel for pixel, blended over the window.
uniform sampler2D line;  // straight alpha, first row on top

in vec2 uv;
out vec4 colour;

void main() {
    colour = texture(line, vec2(uv.x, 1.0 - uv.y));
}
