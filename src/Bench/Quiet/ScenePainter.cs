using ActionStream.Core.Media;

namespace ActionStream.Bench.Quiet;

/// <summary>Paints a room and what moves in it though nobody acts: noise, light, plants, rain. Every frame follows from the plan.</summary>
internal sealed class ScenePainter
{
    private const int NoiseLength = 1 << 20;

    private readonly RecordingPlan _plan;
    private readonly Random _random;
    private readonly YuvFrame _room;
    private readonly sbyte[] _noise = new sbyte[NoiseLength];
    private readonly (int X, int Y, int Width, int Height, double Phase, double Speed)[] _plants;
    private readonly double _period;

    public ScenePainter(RecordingPlan plan)
    {
        _plan = plan;
        _random = new(plan.Choice ^ 0x5eed);
        _room = Room(plan.Size, new(plan.Choice));
        Sigma = plan.Scene switch
        {
            SceneKind.Nothing => 0.5, // none at all is a frozen camera: another matter
            SceneKind.SensorNoise => 1 + (3 * plan.Level),
            SceneKind.NightNoise => 5 + (9 * plan.Level),
            _ => 0.5 + (0.7 * plan.Level),
        };
        for (var i = 0; i < NoiseLength; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
            _noise[i] = (sbyte)Math.Clamp(Math.Round(Sigma * normal), -127, 127);
        }

        var (w, h) = (plan.Size.Width, plan.Size.Height);
        _plants = [.. Enumerable.Range(0, 2 + (int)(6 * plan.Level)).Select(_ => (
            _random.Next(w * 3 / 4), _random.Next(h / 2), w / 12 + _random.Next(w / 8), h / 6 + _random.Next(h / 4),
            _random.NextDouble() * 6.3, 0.2 + (0.8 * _random.NextDouble())))];
        _period = 8 + (12 * _random.NextDouble());
    }

    /// <summary>Of the noise, in levels of light.</summary>
    public double Sigma { get; }

    /// <summary>Before light and noise: the room, and what moves in it.</summary>
    public void Begin(YuvFrame scene, int frame)
    {
        _room.Bytes.CopyTo(scene.Bytes, 0);
        var seconds = frame / (double)_plan.FramesPerSecond;
        if (_plan.Scene == SceneKind.SwayingPlants)
        {
            foreach (var plant in _plants)
            {
                Sway(scene, plant, seconds);
            }
        }
    }

    /// <summary>Light by which everything is multiplied, in 1/256.</summary>
    public int Gain(int frame)
    {
        var seconds = frame / (double)_plan.FramesPerSecond;
        return (int)Math.Round(256 * _plan.Scene switch
        {
            SceneKind.NightNoise => 0.45,
            SceneKind.LightFlicker => 1 + ((0.01 + (0.05 * _plan.Level)) * Math.Sin(2 * Math.PI * (0.3 + (4 * _plan.Rate)) * seconds)),
            SceneKind.ExposureDrift => 1 + ((0.05 + (0.25 * _plan.Level)) * Math.Sin(2 * Math.PI * seconds / (2 * _period))),
            SceneKind.InfraredSwitch => IsInfrared(seconds) ? 0.75 : 1,
            _ => 1,
        });
    }

    /// <summary>After whoever acts: light, colour, what is before the lens, noise.</summary>
    public void Finish(YuvFrame scene, int frame)
    {
        var seconds = frame / (double)_plan.FramesPerSecond;
        if (_plan.Scene == SceneKind.InfraredSwitch && IsInfrared(seconds))
        {
            scene.Chroma.Fill(128);
        }

        if (Gain(frame) is not 256 and var gain)
        {
            foreach (ref var pixel in scene.Luma)
            {
                pixel = (byte)Math.Min(255, (pixel * gain) >> 8);
            }
        }

        if (_plan.Scene == SceneKind.Headlights)
        {
            Headlight(scene, seconds);
        }

        if (_plan.Scene == SceneKind.Rain)
        {
            Rain(scene);
        }

        if (_plan.HasClock)
        {
            Clock(scene, (int)seconds);
        }

        if (Sigma > 0)
        {
            Noise(scene.Luma, 0);
            Noise(scene.Chroma, 1);
        }
    }

    // It switches in the first third of the still part and back in the last: so it is also seen while asleep.
    private bool IsInfrared(double seconds) => seconds > _plan.Still.TotalSeconds * 0.4 && seconds < _plan.Still.TotalSeconds * 0.75;

    private void Noise(Span<byte> plane, int halving)
    {
        const int Run = 4096;
        for (var done = 0; done < plane.Length; done += Run)
        {
            var part = plane[done..Math.Min(plane.Length, done + Run)];
            var noise = _noise.AsSpan(_random.Next(NoiseLength - Run), part.Length);
            for (var i = 0; i < part.Length; i++)
            {
                var sum = part[i] + (noise[i] >> halving);
                part[i] = (byte)((uint)sum <= 255 ? sum : sum < 0 ? 0 : 255);
            }
        }
    }

    private void Sway(YuvFrame scene, (int X, int Y, int Width, int Height, double Phase, double Speed) plant, double seconds)
    {
        var wind = 0.5 + (0.5 * Math.Sin((seconds / 7) + plant.Phase)); // it comes and goes
        var w = scene.Size.Width;
        for (var row = 0; row < plant.Height && plant.Y + row < scene.Size.Height; row++)
        {
            var bend = (1 + (4 * _plan.Level)) * wind * (plant.Height - row) / plant.Height
                * Math.Sin((2 * Math.PI * plant.Speed * seconds) + plant.Phase + (row * 0.05));
            var shift = (int)Math.Floor(bend);
            var part = (int)(256 * (bend - shift));
            for (var column = 0; column < plant.Width; column++)
            {
                var at = plant.X + column;
                if (at >= w)
                {
                    break;
                }

                scene.Luma[((plant.Y + row) * w) + at] =
                    (byte)(((Leaf(column - shift, row) * (256 - part)) + (Leaf(column - shift - 1, row) * part)) >> 8);
            }
        }
    }

    private static int Leaf(int x, int y)
    {
        var hash = ((x >> 1) * 73856093) ^ ((y >> 1) * 19349663);
        return 50 + ((hash >> 3) & 63) + ((((x >> 2) ^ (y >> 2)) & 1) * 20);
    }

    private void Rain(YuvFrame scene)
    {
        var (w, h) = (scene.Size.Width, scene.Size.Height);
        var drops = (int)((20 + (120 * _plan.Level)) * w * h / 57600);
        for (var i = 0; i < drops; i++)
        {
            var (x, y, length) = (_random.Next(w), _random.Next(h), 4 + _random.Next(h / 20));
            for (var row = y; row < Math.Min(h, y + length); row++)
            {
                ref var pixel = ref scene.Luma[(row * w) + Math.Min(w - 1, x + ((row - y) / 5))];
                pixel = (byte)Math.Min(255, pixel + 35);
            }
        }
    }

    private void Headlight(YuvFrame scene, double seconds)
    {
        var lasts = 1.2 + (2 * _plan.Rate);
        var at = (seconds % _period) / lasts;
        if (at >= 1)
        {
            return;
        }

        var (w, h) = (scene.Size.Width, scene.Size.Height);
        var (cx, cy, radius) = (w * (1.4 * at - 0.2), h * 0.45, h * (0.2 + (0.2 * _plan.Level)));
        for (var row = 0; row < h; row++)
        {
            for (var column = Math.Max(0, (int)(cx - (2 * radius))); column < Math.Min(w, (int)(cx + (2 * radius))); column++)
            {
                var (dx, dy) = ((column - cx) / (2 * radius), (row - cy) / radius);
                var light = 1 - (dx * dx) - (dy * dy);
                if (light > 0)
                {
                    ref var pixel = ref scene.Luma[(row * w) + column];
                    pixel = (byte)Math.Min(255, pixel + (int)(90 * light * Math.Sin(Math.PI * at)));
                }
            }
        }
    }

    // Two digits of seconds as bars, in the corner: every camera writes its time into the picture.
    private static void Clock(YuvFrame scene, int second)
    {
        for (var bit = 0; bit < 6; bit++)
        {
            var shade = (byte)(((second >> bit) & 1) == 0 ? 30 : 220);
            for (var row = 4; row < 12; row++)
            {
                scene.Luma.Slice((row * scene.Size.Width) + 4 + (bit * 6), 4).Fill(shade);
            }
        }
    }

    private static YuvFrame Room(FrameSize size, Random random)
    {
        var room = new YuvFrame(size);
        var (w, h) = (size.Width, size.Height);
        var wall = 90 + random.Next(80);
        for (var row = 0; row < h; row++)
        {
            for (var column = 0; column < w; column++)
            {
                var floor = row > h * 0.6 ? -25 + ((((column / 9) + (row / 5)) & 1) * 12) : 0;
                var grain = ((column * 31) ^ (row * 17)) & 3;
                room.Luma[(row * w) + column] = (byte)Math.Clamp(wall + floor + (20 * column / w) + grain, 16, 235);
            }
        }

        room.Colour(0).Fill((byte)(118 + random.Next(20)));
        room.Colour(1).Fill((byte)(118 + random.Next(20)));
        for (var i = 0; i < 10; i++)
        {
            var (x, y, width, height) = (random.Next(w - 10), random.Next(h - 10), 8 + random.Next(w / 4), 8 + random.Next(h / 3));
            var (shade, stripe) = (40 + random.Next(160), 2 + random.Next(12));
            for (var row = y; row < Math.Min(h, y + height); row++)
            {
                for (var column = x; column < Math.Min(w, x + width); column++)
                {
                    room.Luma[(row * w) + column] = (byte)(shade + (((column - x) / stripe) % 2 * 14));
                }
            }
        }

        return room;
    }
}
