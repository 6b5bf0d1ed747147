// Places the picture in the output: everything linear is done here, three times a frame.
uniform vec2 span;    // how many pictures the output is wide and high
uniform float shape;  // width / height of the picture
uniform float zoom;   //! 0.25..4 x = 1 · above 1 comes closer
uniform vec2 turn;    //! -180..180 deg = 0 · turns the picture round its middle

out vec2 still;  // position in the picture before zooming; 0..1 is the picture itself
out vec2 place;  // position in the picture after zooming and turning

void main() {
    vec2 uv = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    vec2 middle = (uv - 0.5) * span;
    still = middle + 0.5;
    vec2 p = middle / zoom * vec2(shape, 1.0);
    p = vec2(turn.x * p.x - turn.y * p.y, turn.y * p.x + turn.x * p.y);
    place = p / vec2(shape, 1.0) + 0.5;
    gl_Position = vec4(uv * 2.0 - 1.0, 0.0, 1.0);
}
