// The picture as seen through slowly moving water.
uniform sampler2D picture;  // the chain so far
uniform float aspect;       // width / height of the output
uniform float time;         // seconds
uniform float depth;        //! 0..0.15 = 0.03 · how far things are moved, in heights of the output
uniform float size;         //! 0.5..8 = 2 · how many waves there are from top to bottom
uniform float speed;        //! 0..2 = 0.3 · how fast the water moves

in vec2 uv;
out vec4 colour;

void main() {
    vec2 p = (uv - 0.5) * vec2(aspect, 1.0);
    float t = time * speed;
    vec2 q = p * size * 3.1415927;
    vec2 slow = vec2(sin(q.y + t) + 0.5 * sin(1.7 * q.x + 1.3 * t),
                     sin(q.x - 0.8 * t) + 0.5 * sin(1.9 * q.y - 1.1 * t));
    vec2 fast = vec2(sin(2.3 * (q.y + slow.x) - t), sin(2.1 * (q.x + slow.y) + 0.9 * t));
    vec2 at = uv + depth * (0.6 * slow + 0.4 * fast) / vec2(aspect, 1.0);
    colour = texture(picture, 1.0 - abs(mod(at, 2.0) - 1.0));
}
