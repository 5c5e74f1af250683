using System.Text.Json;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.TokenLearner;

/// <summary>TokenLearner and ViViT networks as configuration files describe them.</summary>
internal static class TokenLearnerConfigs
{
    public static IReadOnlyDictionary<string, ConfiguredNetwork> All { get; } = new Dictionary<string, ConfiguredNetwork>
    {
        ["tokenlearner_module_v10"] = (weights, config, inputs) => Map(inputs[0]) is var (map, rows, columns)
            ? new ConvTokenLearner(weights, Last(map), config.Number("num_tokens"), rows, columns,
                config.Flag("use_sum_pooling", true) ? TokenPooling.Sum : TokenPooling.Mean).Apply(map)
            : throw new ModelBuildException($"TokenLearner 1.0 needs a map; {inputs[0].Shape} is none, and its positions are no square"),
        ["tokenlearner_module_v11"] = (weights, config, inputs) =>
            new TokenLearner(
                weights, Last(inputs[0]), config.Number("num_tokens"), config.Number("bottleneck_dim", TokenLearner.Bottleneck))
                .Apply(Flat(inputs[0])),
        ["tokenfuser"] = (weights, config, inputs) => inputs.Count == 2
            ? new TokenFuser(
                weights, Last(inputs[0]), (int)inputs[0].Shape[1].Factor,
                config.Number("bottleneck_dim", TokenLearner.Bottleneck),
                config.Flag("use_normalization", true)).Apply(inputs[0], Flat(inputs[1]))
            : throw new ModelBuildException("a TokenFuser has two inputs: tokens, and the features they came from"),
        ["tokenlearner_encodermod"] = (weights, config, inputs) => EncoderMod(weights, config, inputs[0], hasFuser: false),
        ["tokenlearner_encodermodfuser"] = (weights, config, inputs) => EncoderMod(weights, config, inputs[0], hasFuser: true),
        ["tokenlearner_vit"] = TokenLearnerViT,
        ["vivit"] = (weights, config, inputs) => Clip(config, inputs[0]) is var (frames, grid)
            ? new ViViT(weights, new(
                frames, grid, Encoder(config, config.Number("hidden_size")), HasClass(config), Representation(config),
                config.Number("num_classes")))
                .Apply(inputs[0])
            : throw NoClip(inputs[0]),
        ["vivit_factorised_encoder"] = (weights, config, inputs) => Clip(config, inputs[0]) is var (frames, grid)
            ? new FactorisedViViT(weights, new(
                frames, grid, Encoder(config.Part("spatial"), config.Number("hidden_size")),
                Encoder(config.Part("temporal"), config.Number("hidden_size")),
                HasClass(config), Representation(config), config.Number("num_classes"))).Apply(inputs[0])
            : throw NoClip(inputs[0]),
        ["factorised_tokenlearner_vivit"] = (weights, config, inputs) => Clip(config, inputs[0]) is var (frames, grid)
            ? new FactorisedTokenLearnerViViT(weights, new(
                frames, grid, config.Number("hidden_size"), config.Number("num_heads"), config.Part("spatial").Number("num_layers"),
                config.Part("temporal").Number("num_layers"), config.Number("num_tokens"), config.Number("num_classes"))).Apply(inputs[0])
            : throw NoClip(inputs[0]),
    };

    private static Tensor EncoderMod(Weights weights, JsonElement config, Tensor input, bool hasFuser)
    {
        var steps = config.Number("temporal_dimensions", 1);
        return input.Shape.Rank == 3 && input.Shape[1].Over(steps)?.Value is { } places
            ? new LearningEncoder(weights, Encoder(config, Last(input)), steps, (int)places, Learning(config, hasFuser)).Apply(input)
            : throw new ModelBuildException($"{input.Shape} does not divide in {steps} frames");
    }

    private static Tensor TokenLearnerViT(Weights weights, JsonElement config, IReadOnlyList<Tensor> inputs)
    {
        var isClip = config.Word("tokenizer_type", "dynamic", "video", "patch") == "video";
        var input = inputs[0];
        if (!isClip && input.Shape.Rank == 4)
        {
            input = input.Reshape(input.Shape[0], 1, input.Shape[1], input.Shape[2], input.Shape[3]); // a frame is a clip of one frame
        }

        var (frames, grid) = Clip(config, input) ?? throw NoClip(input);
        return new TokenLearnerViT(weights, new(
            frames, grid with { IsFrame = !isClip }, Encoder(config, config.Number("hidden_size")),
            config.Word("tokenizer_type") == "patch" ? null : Learning(config, config.Flag("use_tokenfuse", false)),
            config.Word("classifier", "gap", "gmp", "gsp") switch
            {
                "gmp" => TokenSummary.Max,
                "gsp" => TokenSummary.Sum,
                _ => TokenSummary.Mean,
            },
            Representation(config), config.Number("num_classes"))).Apply(input);
    }

    private static EncoderShape Encoder(JsonElement config, int width)
    {
        var heads = config.Number("num_heads");
        return width % heads == 0
            ? new(config.Number("num_layers"), width, heads, config.Number("mlp_dim", 4 * width))
            : throw new ModelBuildException($"{width} channels do not divide in {heads} heads");
    }

    private static TokenLearning Learning(JsonElement config, bool hasFuser) => new(
        config.Number("num_tokens"), config.Place("tokenlearner_loc"),
        config.Flag("use_v11", true) ? TokenLearnerVersion.V11 : TokenLearnerVersion.V10, hasFuser);

    private static bool HasClass(JsonElement config) => config.Word("classifier", "token", "gap") == "token";

    private static int? Representation(JsonElement config) => config.Number("representation_size", 0) is > 0 and var size ? size : null;

    // patch_size is [h, w] or [h, w, t]; null where the input is no clip of frames.
    private static (int Frames, PatchGrid Grid)? Clip(JsonElement config, Tensor input)
    {
        var patch = config.List("patch_size");
        if (patch.Length is not (2 or 3) || input.Shape.Rank != 5 || input.Shape[4] != 3)
        {
            return null;
        }

        var grid = new PatchGrid(patch is [_, _, var tubelet] ? tubelet : 1, patch[0], patch[1], Axis(input, 2), Axis(input, 3));
        return grid.Count > 0 && grid.Steps(Axis(input, 1)) > 0 ? (Axis(input, 1), grid) : null;
    }

    private static ModelBuildException NoClip(Tensor input) =>
        new($"{input.Shape} holds no whole patch of frames with three channels last; expected [N, T, H, W, 3]");

    // [N, H, W, C] or [N, HW, C] of a square.
    private static (Tensor Map, int Rows, int Columns)? Map(Tensor x)
    {
        if (x.Shape.Rank == 4)
        {
            return (Flat(x), Axis(x, 1), Axis(x, 2));
        }

        var side = x.Shape.Rank == 3 ? (int)Math.Round(Math.Sqrt(Axis(x, 1))) : 0;
        return side > 0 && side * side == Axis(x, 1) ? (x, side, side) : null;
    }

    private static Tensor Flat(Tensor x) => x.Shape.Rank == 4 ? x.Reshape(x.Shape[0], x.Shape[1] * x.Shape[2], x.Shape[3]) : x;

    private static int Axis(Tensor x, int axis) => (int)x.Shape[axis].Factor;

    private static int Last(Tensor x) => (int)x.Shape[^1].Factor;
}
