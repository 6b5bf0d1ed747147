// Places the picture in the output: everything linear is done here, three times a frame.
uniform vec2 span;   // how many pictures the output is wide and high
uniform float zoom;  // below 1 comes closer

out vec2 uv;     // 0..1 over the output
out vec2 still;  // position in the picture before zooming; 0..1 is the picture itself
out vec2 place;  // position in the picture after zooming

void main() {
    uv = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    still = (uv - 0.5) * span + 0.5;
    place = (uv - 0.5) * span * zoom + 0.5;
    gl_Position = vec4(uv * 2.0 - 1.0, 0.0, 1.0);
}
