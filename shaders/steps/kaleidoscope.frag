// Folds the picture into a ring of mirrors round the middle.
uniform sampler2D picture;  // the chain so far
uniform float aspect;       // width / height of the output
uniform float mirrors;      //! 2..16 = 6 · how many pairs of mirrors stand round the middle
uniform float turn;         //! -360..360 deg = 0 · turns the whole ring
uniform float lean;         //! -180..180 deg = 0 · turns the picture under the mirrors
uniform float zoom;         //! 0.25..4 x = 1 · above 1 comes closer
uniform float shift;        //! -1..1 = 0.15 · where the mirrors look, from the picture's middle

in vec2 uv;
out vec4 colour;

void main() {
    vec2 p = (uv - 0.5) * vec2(aspect, 1.0);
    float wedge = 6.2831853 / floor(mirrors + 0.5);
    float angle = mod(atan(p.y, p.x) + radians(turn), wedge);
    angle = abs(angle - 0.5 * wedge) + radians(lean);
    vec2 q = length(p) / zoom * vec2(cos(angle), sin(angle)) + vec2(shift, 0.0);
    vec2 at = q / vec2(aspect, 1.0) + 0.5;
    colour = texture(picture, 1.0 - abs(mod(at, 2.0) - 1.0));
}
