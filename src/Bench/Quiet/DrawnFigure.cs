namespace ActionStream.Bench.Quiet;

/// <summary>A simple figure that walks in from the side, or stands and begins to move its arms: what there is where no clips are.</summary>
/// <param name="height">In pixels.</param>
/// <param name="speed">Heights a second: its own for walking, and how fast its limbs swing.</param>
internal sealed class DrawnFigure(
    int height, double speed, bool walksIn, bool fromLeft, (double X, double Y) feet, byte shade, int framesPerSecond, int frames) : IActor
{
    public int Frames => frames;

    public void Draw(YuvFrame scene, int frame)
    {
        var seconds = Math.Max(0, frame) / (double)framesPerSecond;
        if (frame < 0 && walksIn)
        {
            return;
        }

        // Whoever begins to move does not do so at full speed at once.
        var way = seconds < 0.5 ? seconds * seconds : seconds - 0.25;
        var swing = Math.Sin(2 * Math.PI * way * speed * 1.2);
        var gone = way * speed * height;
        var x = walksIn ? (fromLeft ? gone - (0.2 * height) : scene.Size.Width - gone + (0.2 * height)) : feet.X;
        var (half, y) = (height * 0.5, feet.Y);
        var leg = walksIn ? 0.22 * swing : 0.08;
        var arm = walksIn ? -0.25 * swing : 0.1 + (0.9 * (1 - Math.Cos(2 * Math.PI * way * speed * 0.8)) / 2);
        Limb(scene, x, y - half, x + (leg * height), y, 0.07);
        Limb(scene, x, y - half, x - (leg * height), y, 0.07);
        Limb(scene, x, y - half, x, y - (0.82 * height), 0.12);
        var (armX, armY) = (0.38 * height * Math.Sin(Math.PI * arm), 0.38 * height * Math.Cos(Math.PI * arm));
        Limb(scene, x, y - (0.78 * height), x + armX, y - (0.78 * height) + armY, 0.05);
        Limb(scene, x, y - (0.78 * height), x - (0.12 * height), y - (0.45 * height), 0.05);
        Limb(scene, x, y - (0.9 * height), x, y - (0.93 * height), 0.09);
    }

    // A thick line, by distance: few pixels, so nothing cleverer is needed.
    private void Limb(YuvFrame scene, double x1, double y1, double x2, double y2, double thickness)
    {
        var radius = Math.Max(0.8, thickness * height / 1.6);
        var (left, top) = (Math.Max(0, (int)(Math.Min(x1, x2) - radius)), Math.Max(0, (int)(Math.Min(y1, y2) - radius)));
        var right = Math.Min(scene.Size.Width - 1, (int)(Math.Max(x1, x2) + radius));
        var bottom = Math.Min(scene.Size.Height - 1, (int)(Math.Max(y1, y2) + radius));
        var (dx, dy) = (x2 - x1, y2 - y1);
        var length = Math.Max(1e-9, (dx * dx) + (dy * dy));
        for (var row = top; row <= bottom; row++)
        {
            for (var column = left; column <= right; column++)
            {
                var along = Math.Clamp((((column - x1) * dx) + ((row - y1) * dy)) / length, 0, 1);
                var (ox, oy) = (column - x1 - (along * dx), row - y1 - (along * dy));
                if ((ox * ox) + (oy * oy) <= radius * radius)
                {
                    scene.Luma[(row * scene.Size.Width) + column] = (byte)Math.Clamp(shade + ((column * 7 + row * 3) % 13), 0, 255);
                }
            }
        }
    }
}
