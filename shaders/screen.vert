// One triangle that covers the whole target; no vertex buffer is needed.
out vec2 uv;  // 0..1 over the target, (0, 0) at its first row in memory

void main() {
    uv = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(uv * 2.0 - 1.0, 0.0, 1.0);
}
