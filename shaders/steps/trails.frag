// Feedback: what was there stays a while, and drifts outward, inward or round.
uniform sampler2D picture;  // the chain so far
uniform sampler2D memory;   // what this step drew last
uniform float aspect;       // width / height of the output
uniform float dt;           // seconds since the last drawing; very long when nothing is remembered
uniform float halflife;     //! 0.02..6 s = 0.5 · after this time half of a trail is left
uniform float zoom;         //! -1..1 /s = 0.12 · above 0 trails fly outward, in octaves a second
uniform float turn;         //! -90..90 deg/s = 0 · how fast trails turn
uniform float lighten;      //! 0..1 = 0.6 · 0 smears like wet paint, 1 leaves only light behind

in vec2 uv;
out vec4 colour;

void main() {
    float angle = radians(turn) * dt;
    float c = cos(angle), s = sin(angle);
    vec2 p = (uv - 0.5) * vec2(aspect, 1.0) * exp2(-zoom * dt);
    p = vec2(c * p.x - s * p.y, s * p.x + c * p.y);
    float keep = exp2(-dt / halflife);
    vec3 old = texture(memory, p / vec2(aspect, 1.0) + 0.5).rgb;
    vec3 now = texture(picture, uv).rgb;
    colour = vec4(mix(mix(now, old, keep), max(now, old * keep), lighten), 1.0);
}
