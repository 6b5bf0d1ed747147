// Scales the finished picture into a window. Windows start at the bottom, pictures at the top.
uniform sampler2D picture;  // what the audience sees, first row on top

in vec2 uv;
out vec4 colour;

void main() {
    colour = vec4(texture(picture, vec2(uv.x, 1.0 - uv.y)).rgb, 1.0);
}
