using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>On an endpoint: what it needs, and whether somebody said so or it fell to the default.</summary>
internal sealed record NeededPermission(Permission Permission, bool ByDefault = false);

/// <summary>How endpoints name what they need, and how a refusal is told.</summary>
internal static class PermissionEndpoints
{
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, Permission permission)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(PolicyOf(permission)).WithMetadata(new NeededPermission(permission));

    /// <summary>
    /// What is mapped below and names no permission is for the shift's roles alone: forgetting it gives nothing to anybody else. A test
    /// finds those that forgot.
    /// </summary>
    public static RouteGroupBuilder NeedsByDefault(this RouteGroupBuilder group, Permission permission)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            if (endpoint.Metadata.OfType<NeededPermission>().Any())
                return;
            endpoint.Metadata.Add(new AuthorizeAttribute(PolicyOf(permission)));
            endpoint.Metadata.Add(new NeededPermission(permission, ByDefault: true));
        });
        return group;
    }

    public static void AddPermissions(this IServiceCollection services)
    {
        services.AddAuthorization(options =>
        {
            foreach (var permission in Enum.GetValues<Permission>())
                options.AddPolicy(PolicyOf(permission), policy => policy.RequireAuthenticatedUser().AddRequirements(new PermissionRequirement(permission)));
        });
        services.AddSingleton<IAuthorizationHandler, PermissionHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RefusalHandler>();
    }

    private static string PolicyOf(Permission permission) => Permissions.Word(permission);
}

internal sealed record PermissionRequirement(Permission Permission) : IAuthorizationRequirement;

internal sealed class PermissionHandler : AuthorizationHandler<PermissionRequirement>
{
    /// <summary>The claim of a session that may only set its account in order first; its value is the refusal's code.</summary>
    public const string RestrictedClaim = "restricted";

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, PermissionRequirement requirement)
    {
        if (requirement.Permission != Permission.Own && context.User.FindFirstValue(RestrictedClaim) is { } code)
            context.Fail(new AuthorizationFailureReason(this, code));
        else if (Permissions.Has(context.User.FindFirstValue(ClaimTypes.Role) ?? "", requirement.Permission))
            context.Succeed(requirement);
        else
            context.Fail(new AuthorizationFailureReason(this, "not_allowed"));
        return Task.CompletedTask;
    }
}

/// <summary>A refusal says its code, what was missing, and a sentence in both languages.</summary>
internal sealed class RefusalHandler : IAuthorizationMiddlewareResultHandler
{
    private static readonly Dictionary<string, (string Zh, string En)> Words = new(StringComparer.Ordinal)
    {
        ["not_allowed"] = ("您的角色无权进行此操作", "Your role may not do this"),
        ["password_change_required"] = ("请先修改密码", "Change your password first"),
        ["second_factor_required"] = ("请先设置两步验证", "Set up your second factor first"),
    };

    private readonly AuthorizationMiddlewareResultHandler usual = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (!authorizeResult.Forbidden)
            return usual.HandleAsync(next, context, policy, authorizeResult);
        var code = authorizeResult.AuthorizationFailure?.FailureReasons.FirstOrDefault()?.Message ?? "not_allowed";
        var (zh, en) = Words.GetValueOrDefault(code, Words["not_allowed"]);
        var needed = context.GetEndpoint()?.Metadata.GetMetadata<NeededPermission>();
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsJsonAsync(new { code, permission = needed is null ? "" : Permissions.Word(needed.Permission), zh, en });
    }
}
